import type { Store } from './open-store.ts';

/**
 * Runs what writes without waiting for the disk: it survives the end of the process, and a power failure only once
 * any later writing has waited for the disk. Inside a transaction it changes nothing.
 */
export function withoutSync<T>(store: Pick<Store, 'database'>, run: () => T): T {
  const { database } = store;
  if (database.inTransaction) return run();
  database.pragma('synchronous = NORMAL');
  try {
    return run();
  } finally {
    database.pragma('synchronous = FULL');
  }
}
