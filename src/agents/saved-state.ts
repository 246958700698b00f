import { type JsonObject, listOf, objectOf, parsedJson } from './json-values.ts';

/** The state that an earlier reading saved; undefined if there is none or another version wrote it. */
export function savedState(text: string | undefined): JsonObject | undefined {
  const value = objectOf(parsedJson(text ?? ''));
  return value?.version === 1 ? value : undefined;
}

/** Restores a map that was saved as a list of its entries. */
export function entries<T>(value: unknown): Map<string, T> {
  return new Map(listOf(value) as [string, T][]);
}
