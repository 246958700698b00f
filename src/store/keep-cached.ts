import { isPassing, type Store } from './open-store.ts';

const BUSY_MILLIS = 20;

/**
 * Writes what only saves work the next time. Where another writer holds the store, or the disk is full, it is left out:
 * whoever only looks at the store waits for nobody.
 */
export function keepCached({ database }: Pick<Store, 'database'>, write: () => void): void {
  const waited = database.pragma('busy_timeout', { simple: true }) as number;
  database.pragma(`busy_timeout = ${Math.min(waited, BUSY_MILLIS)}`);
  try {
    write();
  } catch (error) {
    if (!isPassing(error)) throw error;
  } finally {
    database.pragma(`busy_timeout = ${waited}`);
  }
}
