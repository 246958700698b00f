/** Contents an event may have at most: as many numbers are kept free for each. More than there are names. */
export const SLOTS = 8;

/** Number of an event's content in the store: the contents of an event, and of a range of events, lie side by side. */
export function contentId(seq: number, slot: number): number {
  if (slot >= SLOTS) throw new RangeError(`an event has at most ${SLOTS} contents`);
  return seq * SLOTS + slot;
}

/** SQL condition for the contents of the events from `first` to `last`, both SQL expressions of sequence numbers. */
export function contentsBetween(first: string, last: string): string {
  return `id BETWEEN ${first} * ${SLOTS} AND ${last} * ${SLOTS} + ${SLOTS - 1}`;
}

/** SQL expression for the sequence number of the event that a content belongs to. */
export const EVENT_OF_CONTENT = `(id / ${SLOTS})`;

/** SQL query for the numbers of all contents of a trace; its one parameter is the root's number. */
export const CONTENTS_OF_TRACE = `SELECT c.id FROM events e CROSS JOIN contents c
  ON c.id BETWEEN e.seq * ${SLOTS} AND e.seq * ${SLOTS} + ${SLOTS - 1} WHERE e.root = ?`;
