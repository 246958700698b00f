import { isPassing, isReadOnly, type Store } from './open-store.ts';

const BUSY_MILLIS = 20;

/**
 * Writes a cache entry, which only saves work later. Skips it when another writer holds the store, there is no room or
 * the file is read-only, so that a reader hardly waits.
 */
export function keepCached({ database }: Pick<Store, 'database'>, write: () => void): void {
  const waited = database.pragma('busy_timeout', { simple: true }) as number;
  database.pragma(`busy_timeout = ${Math.min(waited, BUSY_MILLIS)}`);
  try {
    write();
  } catch (error) {
    if (!isPassing(error) && !isReadOnly(error)) throw error;
  } finally {
    database.pragma(`busy_timeout = ${waited}`);
  }
}
