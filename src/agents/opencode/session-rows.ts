import type { ForeignDatabase } from '../agent.ts';
import { integerOf, type JsonObject, objectOf, parsedJson, textOf } from '../json-values.ts';
import { microsOfMillis } from '../timestamps.ts';

/** Tables of 1.x, or those of 2.x. */
type Generation = 1 | 2;

/** The table that holds a session's messages in a generation. */
const MESSAGES = { 1: 'message', 2: 'session_message' } as const;

/** A row of a session, from either generation. */
export interface SessionRow {
  readonly generation: Generation;
  /** The preferred generation has no message with this id. */
  readonly isOther: boolean;
  readonly row: Readonly<Record<string, unknown>>;
  readonly id: string;
  /** Undefined if the row holds no JSON object. */
  readonly data: JsonObject | undefined;
  readonly createdMicros: number;
}

export interface SessionPlace {
  /** The session's id. */
  readonly id: string;
  /** The generation preferred if both have a message. */
  readonly generation: Generation;
  /** The other generation has rows of the session too. */
  readonly isInBoth: boolean;
}

/** Every message of a session once, by time; one in both generations keeps its id and is read in the preferred one. */
export function* sessionRows(
  database: ForeignDatabase,
  session: SessionPlace,
): Generator<SessionRow> {
  const { generation, isInBoth } = session;
  const own = rowsOf(database, session.id, generation);
  if (!isInBoth) yield* own;
  else if (generation === 2) yield* merged(own, rowsOf(database, session.id, 1, true));
  else {
    const others = rowsOf(database, session.id, 2, true);
    yield* merged(own, withoutMirrored(database, session.id, others));
  }
}

function rowsOf(
  database: ForeignDatabase,
  id: string,
  generation: Generation,
  isOther = false,
): Generator<SessionRow> {
  const table = MESSAGES[generation];
  const preferred = MESSAGES[generation === 1 ? 2 : 1];
  // In versions 1.14 and 1.15, the table of entries was an index beside the messages, without numbers. Checked before
  // any row is read, because SQLite cannot describe a table during a query.
  const isNumbered = generation === 2 && database.columns(table).includes('seq');
  const missing = `and not exists (select 1 from ${preferred} known where known.id = ${table}.id)`;
  const sql = `select * from ${table} where session_id = ? ${isOther ? missing : ''} order by ${isNumbered ? 'seq' : 'time_created'}, id`;
  return readRows(database, id, sql, { generation, isOther });
}

function* readRows(
  database: ForeignDatabase,
  session: string,
  sql: string,
  kind: Pick<SessionRow, 'generation' | 'isOther'>,
): Generator<SessionRow> {
  for (const row of database.rows(sql, session)) {
    const data = objectOf(parsedJson(textOf(row.data) ?? ''));
    const createdMicros =
      microsOfMillis(objectOf(data?.time)?.created) ?? microsOfMillis(row.time_created) ?? 0;
    yield { ...kind, row, id: String(row.id), data, createdMicros };
  }
}

/** Merges two sequences by time without changing the order within either. */
function* merged(own: Iterable<SessionRow>, others: Iterator<SessionRow>): Generator<SessionRow> {
  try {
    let other = others.next();
    for (const row of own) {
      while (other.done !== true && other.value.createdMicros < row.createdMicros) {
        yield other.value;
        other = others.next();
      }
      yield row;
    }
    for (; other.done !== true; other = others.next()) yield other.value;
  } finally {
    others.return?.();
  }
}

/**
 * Drops entries that 1.x also wrote into the new table, as it could be set to, under other ids: a prompt with the same
 * millisecond, and what follows it.
 */
function* withoutMirrored(
  database: ForeignDatabase,
  id: string,
  entries: Iterable<SessionRow>,
): Generator<SessionRow> {
  let isMirrored = true;
  for (const entry of entries) {
    if (entry.row.type === 'user') isMirrored = hasMessageAt(database, id, entry.createdMicros);
    if (!isMirrored) yield entry;
  }
}

function hasMessageAt(database: ForeignDatabase, id: string, atMicros: number): boolean {
  const found = database.rows(
    'select 1 from message where session_id = ? and time_created = ? limit 1',
    id,
    integerOf(atMicros / 1000) ?? 0,
  );
  return [...found].length > 0;
}
