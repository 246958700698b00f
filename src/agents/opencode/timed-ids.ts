/** An id of a message or part begins with its time in milliseconds, of which it has the lowest 36 bits, and a counter of 12. */
const TIMED_ID = /^(?:msg|prt)_([0-9a-f]{9})[0-9a-f]{3}[0-9A-Za-z]{14}$/;
const PERIOD = 2 ** 36;

/** The time in an id, milliseconds: the one of all possible times that is nearest to `near`. Undefined for ids of another make. */
export function millisOfId(id: string, near: number): number | undefined {
  const digits = TIMED_ID.exec(id)?.[1];
  if (digits === undefined) return undefined;
  const later = (((Number.parseInt(digits, 16) - near) % PERIOD) + PERIOD) % PERIOD;
  return near + (later > PERIOD / 2 ? later - PERIOD : later);
}
