import type { Store } from './open-store.ts';

/**
 * Each transaction writes pages of all indexes anew: of 500 MB, 1000 facts at a time write 3.6 GB, 4000 write 2.7 GB.
 * More would keep other writers waiting.
 */
export const TRANSACTION_FACTS = 4000;
export const TRANSACTION_BYTES = 8 * 1024 * 1024;
/** From so many new bytes on, the store is told that much is coming. */
export const BULK_BYTES = 4 * 1024 * 1024;
const WAL_BYTES = 64 * 1024 * 1024;
const CACHE_KIB = 32 * 1024;

/**
 * Prepares for much that is written and is repeated if the power fails; what it returns ends that. Of a transcript of
 * 500 MB, 2.7 GB are written instead of 4.8 GB: pages of indexes, which every transaction changes, go from the
 * write-ahead log into the store once every 64 MiB instead of every 4, and the disk is waited for only then. A crash of
 * the program loses nothing of what was committed, a power failure only the newest transactions; the next transaction
 * after it is on the disk with everything before.
 */
export function beginBulk({ database }: Pick<Store, 'database'>): () => void {
  const setting = (name: string) => database.pragma(name, { simple: true }) as number;
  const cache = setting('cache_size');
  const checkpoint = setting('wal_autocheckpoint');
  const synchronous = setting('synchronous');
  database.pragma(`cache_size = -${CACHE_KIB}`);
  database.pragma(`wal_autocheckpoint = ${WAL_BYTES / setting('page_size')}`);
  database.pragma('synchronous = NORMAL');
  return () => {
    database.pragma(`synchronous = ${synchronous}`);
    database.pragma(`wal_autocheckpoint = ${checkpoint}`);
    database.pragma(`cache_size = ${cache}`);
  };
}

/** Runs what {@link beginBulk} prepares for. */
export function inBulk<T>(store: Pick<Store, 'database'>, run: () => T): T {
  const end = beginBulk(store);
  try {
    return run();
  } finally {
    end();
  }
}
