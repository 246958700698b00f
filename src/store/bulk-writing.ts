import type { Store } from './open-store.ts';

/**
 * Most facts in a transaction, each of which rewrites pages of all indexes: importing 500 MB writes 3.6 GB with 1000
 * facts per transaction, 2.7 GB with 4000. More would keep other writers waiting.
 */
export const TRANSACTION_FACTS = 4000;
export const TRANSACTION_BYTES = 8 * 1024 * 1024;
/** From this many new bytes on, an import uses {@link beginBulk}. */
export const BULK_BYTES = 4 * 1024 * 1024;
const WAL_BYTES = 64 * 1024 * 1024;
const CACHE_KIB = 32 * 1024;

/**
 * Tunes the store for a bulk write that can be repeated after a power failure; returns a function that restores the
 * settings. A 500 MB transcript writes 2.7 GB instead of 4.8 GB: index pages, which every transaction changes, are
 * copied from the write-ahead log every 64 MiB instead of every 4, with a sync only then. A crash loses nothing
 * committed; a power failure loses only the newest transactions, up to the next one that syncs.
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

/** Runs a function with the settings of {@link beginBulk}. */
export function inBulk<T>(store: Pick<Store, 'database'>, run: () => T): T {
  const end = beginBulk(store);
  try {
    return run();
  } finally {
    end();
  }
}
