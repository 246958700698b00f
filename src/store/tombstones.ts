import type { EventDraft } from '../session/event.ts';
import type { Store } from './open-store.ts';

/** Which sessions were pruned, and up to what time. */
export interface Tombstones {
  /** Time up to which the session was pruned, microseconds; undefined when it was not. */
  prunedUpTo(session: string): number | undefined;
  /** Discards cached look-ups, because other processes may have pruned since. */
  lookAgain(): void;
}

/**
 * Looks each session up once. `revive`: brings back each session that is asked for by deleting its tombstone and its
 * ownership of facts; call it inside a transaction.
 */
export function readTombstones({ database }: Store, revive: boolean): Tombstones {
  const find = database.prepare<[string], { row: number; at_us: number }>(
    'SELECT row, at_us FROM tombstones WHERE session_id = ?',
  );
  const known = new Map<string, number | undefined>();

  function look(session: string): number | undefined {
    const stone = find.get(session);
    if (stone === undefined || !revive) return stone?.at_us;
    database.prepare<[number]>('DELETE FROM owned WHERE session = ?').run(stone.row);
    database.prepare<[string]>('DELETE FROM tombstones WHERE session_id = ?').run(session);
    return undefined;
  }

  return {
    prunedUpTo(session) {
      if (!known.has(session)) known.set(session, look(session));
      return known.get(session);
    },
    lookAgain: () => known.clear(),
  };
}

/**
 * True for a fact before the time up to which its session, or the root of its trace, was pruned. What an agent did in
 * that session later is recorded like anything new.
 */
export function isBuried(tombstones: Tombstones, draft: EventDraft): boolean {
  const { session, rootSession = session, atMicros } = draft;
  const own = tombstones.prunedUpTo(session);
  if (own !== undefined && atMicros <= own) return true;
  if (rootSession === session) return false;
  const root = tombstones.prunedUpTo(rootSession);
  return root !== undefined && atMicros <= root;
}
