import { contentsBetween } from './content-ids.ts';
import type { Store } from './open-store.ts';

/** A session with its chain. */
export interface ChainedSession {
  readonly id: number;
  readonly root: number;
  readonly session_id: string;
  /** Canonical JSON text. */
  readonly genesis: string;
  readonly head_hash: string;
  readonly event_count: number;
  readonly end_us: number | null;
  readonly point_count: number;
  readonly point_closed: number;
  /** Time of the last event of its trace, by which traces are selected. */
  readonly trace_last_us: number | null;
}

/** A hashed event with its sealed facts. */
export interface ChainedEventRow {
  readonly seq: number;
  readonly header: string;
  readonly hash: string;
  readonly sealed: string | null;
  readonly sealed_salt: Buffer | null;
}

/** Reads what an audit needs, page by page; use {@link inReadTransaction} for a consistent view of everything. */
export interface AuditRows {
  /** Texts of the ledger leaves, oldest first. */
  leaves(): Iterable<string>;
  /** All sessions with a chain, oldest first; nothing can be written until the last one has been read. */
  sessions(): Iterable<ChainedSession>;
  /** The sessions with a chain in one trace: its root, then the others, oldest first. */
  trace(root: number): ChainedSession[];
  /** The first `count` events of a session, in chain order. */
  events(session: number, count: number): Iterable<ChainedEventRow>;
  /** A recorded text with its salt; undefined when either is gone. */
  content(
    seq: number,
    name: string,
  ): { readonly text: string; readonly salt: Uint8Array } | undefined;
}

const PAGE = 500;
/** Casts to text, because somebody may have written bytes into the column. */
const SESSION =
  'id, root, CAST(session_id AS TEXT) AS session_id, genesis, head_hash, event_count, end_us, point_count, point_closed, (SELECT last_us FROM sessions r WHERE r.id = sessions.root) AS trace_last_us';

export function auditRows(store: Store): AuditRows {
  const { database } = store;
  const leafPage = database.prepare<[number], { position: number; leaf: string }>(
    `SELECT position, leaf FROM leaves WHERE position > ? ORDER BY position LIMIT ${PAGE}`,
  );
  const sessions = database.prepare<[], ChainedSession>(
    `SELECT ${SESSION} FROM sessions WHERE chain <> '' ORDER BY id`,
  );
  const trace = database.prepare<[number], ChainedSession>(
    `SELECT ${SESSION} FROM sessions WHERE root = ? AND chain <> '' ORDER BY id <> root, id`,
  );
  const bounds = database.prepare<[number], { first: number | null; last: number | null }>(
    'SELECT min(seq) AS first, max(seq) AS last FROM events WHERE session = ?',
  );
  // The plus keeps SQLite on the primary key: an index on the session would require sorting.
  const eventPage = database.prepare<[number, number, number, number], ChainedEventRow>(
    `SELECT seq, header, hash, sealed, sealed_salt FROM events
     WHERE seq > ? AND seq <= ? AND +session = ? ORDER BY seq LIMIT ?`,
  );
  const content = database.prepare<
    [number, number, string],
    { bytes: string | null; salt: Buffer | null }
  >(`SELECT bytes, salt FROM contents WHERE ${contentsBetween('?', '?')} AND name = ?`);

  return {
    *leaves() {
      for (let position = 0; ; ) {
        const page = leafPage.all(position);
        for (const { leaf } of page) yield leaf;
        const last = page.at(-1);
        if (last === undefined || page.length < PAGE) return;
        position = last.position;
      }
    },
    sessions: () => sessions.iterate(),
    trace: (root) => trace.all(root),
    *events(session, count) {
      const { first, last } = bounds.get(session) ?? {};
      if (first === null || first === undefined || last === null || last === undefined) return;
      let after = first - 1;
      for (let left = count; left > 0; ) {
        const page = eventPage.all(after, last, session, Math.min(PAGE, left));
        yield* page;
        const newest = page.at(-1);
        if (newest === undefined) return;
        after = newest.seq;
        left -= page.length;
      }
    },
    content(seq, name) {
      const row = content.get(seq, seq, name);
      if (row === undefined || row.bytes === null || row.salt === null) return undefined;
      return { text: row.bytes, salt: row.salt };
    },
  };
}

/** Runs a function on a consistent view of the store, which does not include what others write meanwhile. */
export async function inReadTransaction<Result>(
  store: Store,
  run: () => Result | Promise<Result>,
): Promise<Result> {
  store.database.exec('BEGIN');
  try {
    return await run();
  } finally {
    store.database.exec('COMMIT');
  }
}
