import { listOf } from './json-values.ts';

/** Adds a value as the newest; the oldest values beyond `most` are dropped. */
export function addTo(set: Set<string>, value: string, most: number): void {
  set.delete(value);
  set.add(value);
  for (const oldest of set) {
    if (set.size <= most) break;
    set.delete(oldest);
  }
}

/** Adds an entry as the newest; the oldest entries beyond `most` are dropped. */
export function remember<T>(map: Map<string, T>, key: string, value: T, most: number): void {
  map.delete(key);
  map.set(key, value);
  for (const oldest of map.keys()) {
    if (map.size <= most) break;
    map.delete(oldest);
  }
}

/** Restores a map that was saved as a list of its entries. */
export function entries<T>(value: unknown): Map<string, T> {
  return new Map(listOf(value) as [string, T][]);
}
