import type { Database, Statement } from 'better-sqlite3';

/** Row of a session while its chain is written. */
export interface SessionRow {
  readonly id: number;
  readonly session_id: string;
  readonly root: number;
  chain: string;
  head_hash: string;
  event_count: number;
  first_us: number | null;
  last_us: number | null;
  /** Time of the recorded end, as long as nothing later is known about the session. */
  end_us: number | null;
  /** Number of events covered by the session's newest point in the ledger, and whether that point was a close. */
  point_count: number;
  point_closed: number;
  /** The previous fact was already in the store, so the next may be too. */
  rereads: boolean;
}

/** The stored columns of a {@link SessionRow}. */
export type StoredSessionRow = Omit<SessionRow, 'rereads'>;

export interface WriteStatements {
  readonly session: Statement<[string], StoredSessionRow>;
  readonly addSession: Statement<[string, number]>;
  readonly ownRoot: Statement<[number]>;
  readonly startChain: Statement<[string, string, string, string, number]>;
  readonly saveSession: Statement<
    [string, number, number | null, number | null, number | null, number, number, number]
  >;
  readonly touchRoot: Statement<[number | null, number | null, number]>;
  readonly own: Statement<[string, number]>;
  readonly ownerOf: Statement<[string], number>;
  readonly hasEvent: Statement<[number, string], number>;
  readonly addEvent: Statement<
    [
      number,
      number,
      string,
      string,
      string,
      number,
      Uint8Array,
      string,
      Uint8Array | null,
      Uint8Array | null,
    ]
  >;
  readonly addContent: Statement<[number, string, string, number, Uint8Array, Uint8Array]>;
  readonly operationRoot: Statement<[string], number>;
  readonly upsertOperation: Statement<[string, number, string, string | null, number, number]>;
  readonly touchContainer: Statement<[number, string]>;
}

export function prepareWriting(database: Database): WriteStatements {
  const prepare = <P extends unknown[], R = unknown>(sql: string) =>
    database.prepare<P, R>(sql) as Statement<P, R>;
  return {
    session: prepare(
      `SELECT id, session_id, root, chain, head_hash, event_count, first_us, last_us, end_us, point_count, point_closed
       FROM sessions WHERE session_id = ?`,
    ),
    addSession: prepare('INSERT INTO sessions (session_id, root) VALUES (?, ?)'),
    ownRoot: prepare('UPDATE sessions SET root = id WHERE id = ?'),
    startChain: prepare(
      'UPDATE sessions SET chain = ?, genesis = ?, head_hash = ?, agent = ? WHERE id = ?',
    ),
    saveSession: prepare(
      `UPDATE sessions SET head_hash = ?, event_count = ?, first_us = ?, last_us = max(coalesce(last_us, 0), ?),
         end_us = ?, point_count = ?, point_closed = ? WHERE id = ?`,
    ),
    touchRoot: prepare('UPDATE sessions SET last_us = max(coalesce(last_us, ?), ?) WHERE id = ?'),
    own: prepare('INSERT OR IGNORE INTO owned (key, session) VALUES (?, ?)'),
    ownerOf: prepare<[string], number>(
      'SELECT session FROM owned WHERE key = ?',
    ).pluck() as Statement<[string], number>,
    hasEvent: prepare<[number, string], number>(
      'SELECT 1 FROM events WHERE session = ? AND event_id = ?',
    ).pluck() as Statement<[number, string], number>,
    addEvent: prepare(
      `INSERT INTO events (root, session, operation, event_id, kind, at_us, header, hash, sealed, sealed_salt)
       VALUES (?, ?, ?, ?, ?, ?, CAST(? AS TEXT), ?, CAST(? AS TEXT), ?) ON CONFLICT (session, event_id) DO NOTHING`,
    ),
    addContent: prepare(
      'INSERT INTO contents (id, name, media, size, salt, bytes) VALUES (?, ?, ?, ?, ?, CAST(? AS TEXT))',
    ),
    operationRoot: prepare<[string], number>(
      'SELECT root FROM operations WHERE operation = ?',
    ).pluck() as Statement<[string], number>,
    upsertOperation: prepare(
      `INSERT INTO operations (operation, root, kind, parent, first_seq, last_seq) VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT (operation) DO UPDATE SET
         last_seq = max(last_seq, excluded.last_seq),
         parent = coalesce(excluded.parent, parent)`,
    ),
    touchContainer: prepare(
      "UPDATE operations SET last_seq = max(last_seq, ?) WHERE operation = ? AND kind IN ('turn', 'subagent')",
    ),
  };
}
