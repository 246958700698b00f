import type { Store } from './open-store.ts';
import { listSessions, type RootSession, rootById } from './sessions.ts';

/** Newest sequence number in the store; 0 when it is empty. */
export function newestSeq(store: Store): number {
  return (
    (store.database.prepare<[], number | null>('SELECT max(seq) FROM events').pluck().get() as
      | number
      | null) ?? 0
  );
}

/** Root sessions whose last event is at or after this time, newest first. */
export function activeRoots(store: Store, sinceMicros: number): RootSession[] {
  return listSessions(store, { sinceMicros });
}

/** Traces that an earlier run started to send to the destination and did not finish. */
export function unfinishedDeliveries(store: Store, destination: string): RootSession[] {
  const roots = store.database
    .prepare<[string], number>(
      `SELECT d.root FROM deliveries d JOIN destinations n ON n.id = d.destination
       WHERE n.name = ? AND d.signal = 'traces' AND json_extract(d.position, '$.complete') = 0 ORDER BY d.root`,
    )
    .pluck()
    .all(destination) as number[];
  return roots.flatMap((id) => rootById(store, id) ?? []);
}
