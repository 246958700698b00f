import { objectOf } from '../json-values.ts';
import { microsOfMillis } from '../timestamps.ts';
import type { MessageRecord } from './message-record.ts';
import { millisOfId } from './timed-ids.ts';

/** How far clocks and rows of one message may differ, in microseconds. */
const NEAR = 3_600_000_000;
/** How long a message may wait for its user, in microseconds. */
const LONGEST = 7 * 86_400_000_000;

/**
 * When a part was written, in microseconds. If a session was moved from the JSON tree into the database, or imported,
 * its rows date from that move, but the id of a part still holds the time. Undefined if neither can be true.
 */
export function createdOfPart(
  row: Readonly<Record<string, unknown>>,
  message: Pick<MessageRecord, 'data' | 'createdMicros'>,
): number | undefined {
  const inRow = microsOfMillis(row.time_created);
  const inId = microsInId(String(row.id), message.createdMicros);
  const isMoved = inRow !== undefined && inId !== undefined && Math.abs(inRow - inId) > NEAR;
  const created = isMoved ? inId : inRow;
  const completed = microsOfMillis(objectOf(message.data.time)?.completed);
  const isTooLate = created !== undefined && completed !== undefined && created > completed + NEAR;
  return isTooLate ? undefined : created;
}

/** The time in an id, if a part of a message of that time can have it. */
function microsInId(id: string, messageMicros: number): number | undefined {
  const at = microsOfMillis(millisOfId(id, Math.round(messageMicros / 1000)));
  if (at === undefined) return undefined;
  return at >= messageMicros - NEAR && at <= messageMicros + LONGEST ? at : undefined;
}
