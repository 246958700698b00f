import type { SourceContext } from './agent.ts';
import { type JsonObject, objectOf } from './json-values.ts';

/** Numbers of the first and the last line of a text that is printed in pieces. */
export interface HeldLines {
  readonly from: number;
  readonly through: number;
}

/**
 * The records in lines that a reader had read but not yet stated when it stopped. They are read again so that its state
 * need not hold their texts, which redaction would not reach.
 */
export function* heldRecords(
  { path, sidecars }: Pick<SourceContext, 'path' | 'sidecars'>,
  { from, through }: HeldLines,
): Generator<JsonObject> {
  for (const value of sidecars.values?.(path, from, through) ?? []) {
    const record = objectOf(value);
    if (record !== undefined) yield record;
  }
}

/** Line numbers from a reader's state. */
export function heldLinesOf(value: unknown): HeldLines | undefined {
  const held = objectOf(value);
  const { from, through } = held ?? {};
  return typeof from === 'number' && typeof through === 'number' ? { from, through } : undefined;
}
