import { leafWriter } from './leaves.ts';
import type { Store } from './open-store.ts';

/** A session that must not be pruned, and why. */
export interface Hold {
  readonly sessionId: string;
  readonly reason: string;
  /** Start of the hold, microseconds since the epoch. */
  readonly atMicros: number;
}

/**
 * Holds root sessions, by native id. The ledger records that, but not the reason. Returns how many were not held
 * before.
 */
export function addHolds(store: Store, sessions: readonly string[], reason: string): number {
  const add = store.database.prepare<[string, string, number]>(
    'INSERT OR IGNORE INTO holds (session_id, reason, at_us) VALUES (?, ?, ?)',
  );
  return change(
    store,
    sessions,
    'held',
    (session) => add.run(session, reason, Date.now() * 1000).changes,
  );
}

/** Removes holds; returns how many sessions were held. */
export function removeHolds(store: Store, sessions: readonly string[]): number {
  const remove = store.database.prepare<[string]>('DELETE FROM holds WHERE session_id = ?');
  return change(store, sessions, 'no longer held', (session) => remove.run(session).changes);
}

function change(
  store: Store,
  sessions: readonly string[],
  note: string,
  act: (session: string) => number,
): number {
  const addLeaf = leafWriter(store);
  return store.database
    .transaction(() => {
      let count = 0;
      for (const session of sessions) {
        if (act(session) === 0) continue;
        addLeaf({ t: 'hold', session, note });
        count++;
      }
      return count;
    })
    .immediate();
}

/** All holds, oldest first. */
export function listHolds(store: Store): Hold[] {
  return store.database
    .prepare<[], Hold>(
      'SELECT session_id AS sessionId, reason, at_us AS atMicros FROM holds ORDER BY at_us, session_id',
    )
    .all();
}
