/**
 * An object like `original` with some properties replaced. Spans and resources of the SDK have accessors that
 * cannot be assigned to, so the new values are defined and not assigned.
 */
export function derived<T extends object, C extends object>(original: T, changes: C): T & C {
  return Object.create(original, Object.getOwnPropertyDescriptors(changes)) as T & C;
}
