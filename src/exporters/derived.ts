/**
 * An object like `original` with some properties replaced. Spans and resources of the SDK have accessors without
 * setters, so the new values are defined instead of assigned.
 */
export function derived<T extends object, C extends object>(original: T, changes: C): T & C {
  return Object.create(original, Object.getOwnPropertyDescriptors(changes)) as T & C;
}
