/** Maximum number of contents of an event, for which ids are reserved; more than there are content names. */
export const SLOTS = 8;

/** Id of an event's content in the store. The contents of an event, and of a range of events, have adjacent ids. */
export function contentId(seq: number, slot: number): number {
  if (slot >= SLOTS) throw new RangeError(`an event has at most ${SLOTS} contents`);
  return seq * SLOTS + slot;
}

/**
 * SQL condition for the contents of the events from `first` to `last`, which are SQL expressions of sequence numbers.
 */
export function contentsBetween(first: string, last: string): string {
  return `id BETWEEN ${first} * ${SLOTS} AND ${last} * ${SLOTS} + ${SLOTS - 1}`;
}

/** SQL expression for the sequence number of the event of a content. */
export const EVENT_OF_CONTENT = `(id / ${SLOTS})`;

/** SQL query for the ids of all contents of a trace; its only parameter is the row number of the root. */
export const CONTENTS_OF_TRACE = `SELECT c.id FROM events e CROSS JOIN contents c
  ON c.id BETWEEN e.seq * ${SLOTS} AND e.seq * ${SLOTS} + ${SLOTS - 1} WHERE e.root = ?`;
