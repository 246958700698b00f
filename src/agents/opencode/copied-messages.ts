import type { ForeignDatabase } from '../agent.ts';
import { integerOf, nativeIdOf } from '../json-values.ts';

/** Messages that a fork took over: the ids of the copies, and the session that has the originals. */
export interface Copied {
  readonly ids: ReadonlySet<unknown>;
  readonly from: string | undefined;
}

interface Fork {
  readonly id: string;
  /** When the session was created, in milliseconds. */
  readonly created: unknown;
  /** The session that it says it was forked from, if that still exists. */
  readonly from: string | undefined;
}

const NONE: Copied = { ids: new Set(), from: undefined };

/** Version 1 does not mark forks: a message older than its session that an older session also has is a copy. */
const COPIES = `
  with original as (
    select message.time_created as at, min(message.session_id) as source
    from message join session on session.id = message.session_id
    where session.time_created < ? and message.session_id <> ? and message.time_created < ? and message.time_created > 0
    group by message.time_created
  )
  select copy.id as id, original.source as source
  from message copy join original on original.at = copy.time_created where copy.session_id = ?`;

/** The messages that a session copied from another one; copies keep their times and get new ids. */
export function copiedMessages(database: ForeignDatabase, fork: Fork, generation: 1 | 2): Copied {
  const created = integerOf(fork.created);
  if (created === undefined) return NONE;
  const table = generation === 1 ? 'message' : 'session_message';
  if (generation === 2 && fork.from === undefined) return NONE;
  for (const needed of generation === 1 ? ['session', table] : [table])
    if (!database.columns(needed).includes('time_created')) return NONE;
  const older = database.rows(
    `select id from ${table} where session_id = ? and time_created < ?${generation === 1 ? ' limit 1' : ''}`,
    fork.id,
    created,
  );
  const ids = new Set<unknown>();
  for (const row of older) ids.add(row.id);
  if (generation === 2 || ids.size === 0) return { ids, from: fork.from };
  ids.clear();
  let from: string | undefined;
  for (const row of database.rows(COPIES, created, fork.id, created, fork.id)) {
    ids.add(row.id);
    from ??= nativeIdOf(row.source);
  }
  return { ids, from };
}
