/** Adds a value as the newest; the oldest values beyond `most` are dropped. */
export function addTo(set: Set<string>, value: string, most: number): void {
  set.delete(value);
  set.add(value);
  dropOldest(set, most);
}

/** Adds an entry as the newest; the oldest entries beyond `most` are dropped. */
export function remember<T>(map: Map<string, T>, key: string, value: T, most: number): void {
  map.delete(key);
  map.set(key, value);
  dropOldest(map, most);
}

/** Drops the oldest entries beyond `most`. */
export function dropOldest(held: Set<string> | Map<string, unknown>, most: number): void {
  for (const oldest of held.keys()) {
    if (held.size <= most) break;
    held.delete(oldest);
  }
}
