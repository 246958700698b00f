/** How a host's function went. `micros` is its length by the monotonic clock. */
export type Ended<T> = { readonly micros: number } & (
  | { readonly value: Awaited<T> }
  | { readonly error: unknown }
);

/**
 * Calls a function, and `ended` when it is over, at once or as a promise. Whatever it throws is thrown again. `run` may
 * ask how many microseconds have passed since its beginning, by the clock that measures the whole.
 */
export function measured<T>(
  run: (passedMicros: () => number) => T,
  ended: (how: Ended<T>) => void,
): T {
  const start = performance.now();
  const since = () => Math.max(0, Math.round((performance.now() - start) * 1000));
  let value: T;
  try {
    value = run(since);
  } catch (error) {
    ended({ micros: since(), error });
    throw error;
  }
  if (!isPromise(value)) {
    ended({ micros: since(), value: value as Awaited<T> });
    return value;
  }
  // What is only like a promise may give anything back from its `then`; a promise keeps its own kind.
  const promise = value instanceof Promise ? value : Promise.resolve(value);
  return promise.then(
    (result) => {
      ended({ micros: since(), value: result as Awaited<T> });
      return result;
    },
    (error: unknown) => {
      ended({ micros: since(), error });
      throw error;
    },
  ) as T;
}

function isPromise(value: unknown): value is Promise<unknown> {
  try {
    return (
      typeof value === 'object' &&
      value !== null &&
      typeof (value as { then?: unknown }).then === 'function'
    );
  } catch {
    // The host's own object: whoever awaits it will see that for himself.
    return false;
  }
}

/** As it was when this was loaded: a host's tests may put another clock in its place. */
const wallMillis = Date.now;
const BEHIND_MILLIS = 100;
let originMillis = performance.timeOrigin;

/** Now, in whole microseconds since the epoch; it never goes back within a process. */
export function nowMicros(): number {
  const passed = performance.now();
  // The monotonic clock stands still while the machine sleeps, and does not know that the other one was put forward.
  const behind = wallMillis() - (originMillis + passed);
  if (behind > BEHIND_MILLIS) originMillis += behind;
  return Math.round((originMillis + passed) * 1000);
}
