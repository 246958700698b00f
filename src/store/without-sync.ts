import type { Store } from './open-store.ts';

/**
 * Runs a write without waiting for the disk. It survives the end of the process, but a power failure only once a later
 * write has been synced. Inside a transaction this changes nothing.
 */
export function withoutSync<T>(store: Pick<Store, 'database'>, run: () => T): T {
  const { database } = store;
  if (database.inTransaction) return run();
  const before = database.pragma('synchronous', { simple: true });
  database.pragma('synchronous = NORMAL');
  try {
    return run();
  } finally {
    database.pragma(`synchronous = ${before}`);
  }
}
