/** How a host's function ended. `micros` is its duration by the monotonic clock. */
export type Ended<T> = { readonly micros: number } & (
  | { readonly value: Awaited<T> }
  | { readonly error: unknown }
);

/**
 * Calls a function, and `ended` once it is over, at once or when its promise settles. Whatever it throws is thrown
 * again. `run` may ask how many microseconds have passed since it began, by the clock that measures the whole call.
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
  // The `then` of a mere thenable may return anything; a promise keeps its own class.
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

/** For the program: what it stated too late is not recorded. */
export function statedLate(kind: 'LLM' | 'tool'): Error {
  return new Error(
    `something was stated after its ${kind} call was over, and is not recorded; state it, and read streams to their end, inside the function`,
  );
}

function isPromise(value: unknown): value is Promise<unknown> {
  try {
    return (
      typeof value === 'object' &&
      value !== null &&
      typeof (value as { then?: unknown }).then === 'function'
    );
  } catch {
    // The host's own object: whoever awaits it will see the failure.
    return false;
  }
}

/** Kept from load time: a host's tests may replace the clock. */
const wallMillis = Date.now;
const BEHIND_MILLIS = 100;
let originMillis = performance.timeOrigin;

/** The current time in whole microseconds since the epoch; never goes back within a process. */
export function nowMicros(): number {
  const passed = performance.now();
  // The monotonic clock stops while the machine sleeps, and does not notice when the wall clock is set forward.
  const behind = wallMillis() - (originMillis + passed);
  if (behind > BEHIND_MILLIS) originMillis += behind;
  return Math.round((originMillis + passed) * 1000);
}
