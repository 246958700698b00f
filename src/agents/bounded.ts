import { listOf } from './json-values.ts';

/** Adds a value as the newest; beyond `most` the oldest are forgotten. */
export function addTo(set: Set<string>, value: string, most: number): void {
  set.delete(value);
  set.add(value);
  for (const oldest of set) {
    if (set.size <= most) break;
    set.delete(oldest);
  }
}

/** Puts an entry in as the newest; beyond `most` the oldest are forgotten. */
export function remember<T>(map: Map<string, T>, key: string, value: T, most: number): void {
  map.delete(key);
  map.set(key, value);
  for (const oldest of map.keys()) {
    if (map.size <= most) break;
    map.delete(oldest);
  }
}

/** The map that was saved as a list of its entries. */
export function entries<T>(value: unknown): Map<string, T> {
  return new Map(listOf(value) as [string, T][]);
}
