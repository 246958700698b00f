/** The id of a message or part begins with the lowest 36 bits of its time in milliseconds and a 12-bit counter. */
const TIMED_ID = /^(?:msg|prt)_([0-9a-f]{9})[0-9a-f]{3}[0-9A-Za-z]{14}$/;
const PERIOD = 2 ** 36;

/** The time in an id, in milliseconds: of all possible times, the one nearest to `near`. Undefined for other ids. */
export function millisOfId(id: string, near: number): number | undefined {
  const digits = TIMED_ID.exec(id)?.[1];
  if (digits === undefined) return undefined;
  const later = (((Number.parseInt(digits, 16) - near) % PERIOD) + PERIOD) % PERIOD;
  return near + (later > PERIOD / 2 ? later - PERIOD : later);
}
