import type { ForeignDatabase } from '../agent.ts';
import type { JsonObject } from '../json-values.ts';
import { sessionId } from './sessions.ts';

/** Messages that a copied session took over: the row ids of the copies, and the session that has the originals. */
export interface Copied {
  readonly ids: ReadonlySet<unknown>;
  readonly from: string | undefined;
}

interface Session {
  /** The session's id as in its rows. */
  readonly id: string;
  readonly createdMicros: number | undefined;
}

const NONE: Copied = { ids: new Set(), from: undefined };

/** The second of a message; values in milliseconds are recognised by their size. */
const SECOND =
  'case when mine.created_timestamp > 10000000000 then mine.created_timestamp / 1000 else mine.created_timestamp end';

const FIRST = `
  select min(mine.created_timestamp) as first from messages mine
  where mine.session_id = ? and mine.created_timestamp > 0 and ${SECOND} < ?`;

const FIRST_OF_ALL =
  'select session_id as id, min(created_timestamp) as first from messages where created_timestamp > 0 group by session_id';

/** Sessions that have some of the messages verbatim. Texts are only compared if their times are equal. */
const SOURCES = `
  with theirs as materialized (
    select id, session_id, role, created_timestamp as at from messages
    where session_id in (select value from json_each(?))
  )
  select theirs.session_id as id, count(*) as shared
  from messages mine
  cross join theirs on theirs.at = mine.created_timestamp and theirs.role = mine.role
  cross join messages original on original.id = theirs.id and original.content_json = mine.content_json
  where mine.session_id = ? and ${SECOND} < ?
  group by theirs.session_id`;

/** Copies are rewritten by the version that makes them, so some texts change; time and role stay. */
const COPIES = `
  select mine.id as id from messages mine
  where mine.session_id = ? and ${SECOND} <= ? and (mine.created_timestamp, mine.role) in (
    select created_timestamp, role from messages where session_id in (select value from json_each(?))
  )`;

/**
 * Finds the messages of a session that are older than it and that an older session also has. `createdOf` returns when
 * the session with an id was created, in microseconds.
 */
export function copyFinder(
  database: ForeignDatabase,
  createdOf: (id: string) => number | undefined,
): (session: Session) => Copied {
  let beginnings: Map<unknown, string[]> | undefined;
  return ({ id, createdMicros }) => {
    if (createdMicros === undefined) return NONE;
    const created = Math.floor(createdMicros / 1e6);
    const first = [...database.rows(FIRST, id, created)][0]?.first ?? undefined;
    if (first === undefined) return NONE;
    beginnings ??= beginningsOf(database);
    const madeOf = (source: string) => createdOf(source) ?? createdMicros;
    const begunAlike = beginnings.get(first) ?? [];
    const older = begunAlike.filter((source) => madeOf(source) < createdMicros);
    if (older.length === 0) return NONE;
    const sources: { id: string; shared: number }[] = [];
    for (const row of database.rows(SOURCES, JSON.stringify(older), id, created))
      sources.push({ id: String(row.id), shared: Number(row.shared) });
    sources.sort((a, b) => b.shared - a.shared || madeOf(a.id) - madeOf(b.id));
    if (sources[0] === undefined) return NONE;
    const names = JSON.stringify(sources.map((source) => source.id));
    const ids = new Set<unknown>();
    for (const row of database.rows(COPIES, id, created, names)) ids.add(row.id);
    return { ids, from: sources[0].id };
  };
}

/** Sessions by the time of their first message, which a copy shares with its original. */
function beginningsOf(database: ForeignDatabase): Map<unknown, string[]> {
  const beginnings = new Map<unknown, string[]>();
  for (const row of database.rows(FIRST_OF_ALL)) {
    const id = sessionId(row.id);
    if (id === undefined) continue;
    const alike = beginnings.get(row.first);
    if (alike === undefined) beginnings.set(row.first, [id]);
    else alike.push(id);
  }
  return beginnings;
}

/** The row of a session without what may not be its own: sums may include the original's usage. */
export function ownRow(row: JsonObject, copied: Copied): JsonObject {
  if (copied.from === undefined) return row;
  const parent = row.parent_session_id ?? copied.from;
  return { ...row, parent_session_id: parent, accumulated_cost: null };
}
