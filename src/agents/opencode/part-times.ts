import { objectOf } from '../json-values.ts';
import { microsOfMillis } from '../timestamps.ts';
import type { MessageRecord } from './message-record.ts';

/** How far clocks and rows of one message may lie apart, microseconds. */
const NEAR = 3_600_000_000;
/** A message may wait for its user this long, milliseconds. */
const LONGEST_MILLIS = 7 * 86_400_000;
/** An id begins with its time in milliseconds, of which it has the lowest 36 bits, and a counter of 12 bits. */
const TIMED_ID = /^prt_([0-9a-f]{9})[0-9a-f]{3}[0-9A-Za-z]{14}$/;
const PERIOD = 2 ** 36;

/**
 * When a part was written down, microseconds. A session that was moved from the JSON tree into the database, or
 * imported, has rows as old as that move; the id of a part still tells. Undefined where neither can be true.
 */
export function createdOfPart(
  row: Readonly<Record<string, unknown>>,
  message: Pick<MessageRecord, 'data' | 'createdMicros'>,
): number | undefined {
  const inRow = microsOfMillis(row.time_created);
  const inId = microsOfId(row.id, message.createdMicros);
  const isMoved = inRow !== undefined && inId !== undefined && Math.abs(inRow - inId) > NEAR;
  const created = isMoved ? inId : inRow;
  const completed = microsOfMillis(objectOf(message.data.time)?.completed);
  const isTooLate = created !== undefined && completed !== undefined && created > completed + NEAR;
  return isTooLate ? undefined : created;
}

/** The time in an id, if it lies where a part of a message of that time can be. */
function microsOfId(id: unknown, messageMicros: number): number | undefined {
  const digits = typeof id === 'string' ? TIMED_ID.exec(id)?.[1] : undefined;
  if (digits === undefined) return undefined;
  const millis = Math.round(messageMicros / 1000);
  const later = (((Number.parseInt(digits, 16) - millis) % PERIOD) + PERIOD) % PERIOD;
  const distance = later > PERIOD / 2 ? later - PERIOD : later;
  const isNear = distance * 1000 >= -NEAR && distance <= LONGEST_MILLIS;
  return isNear ? (millis + distance) * 1000 : undefined;
}
