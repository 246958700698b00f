import type { Store } from './open-store.ts';

const WAL_BYTES = 64 * 1024 * 1024;
const CACHE_KIB = 32 * 1024;

/**
 * Runs what writes much and is repeated if the power fails. Of a transcript of 500 MB, 2.7 GB are written instead of
 * 4.8 GB: pages of indexes, which every transaction changes, go from the write-ahead log into the store once every
 * 64 MiB instead of every 4, and the disk is waited for only then. A crash of the program loses nothing of what was
 * committed, a power failure only the newest transactions; the next transaction after it is on the disk with
 * everything before.
 */
export function inBulk<T>({ database }: Pick<Store, 'database'>, run: () => T): T {
  const setting = (name: string) => database.pragma(name, { simple: true }) as number;
  const cache = setting('cache_size');
  const checkpoint = setting('wal_autocheckpoint');
  const synchronous = setting('synchronous');
  database.pragma(`cache_size = -${CACHE_KIB}`);
  database.pragma(`wal_autocheckpoint = ${WAL_BYTES / setting('page_size')}`);
  database.pragma('synchronous = NORMAL');
  try {
    return run();
  } finally {
    database.pragma(`synchronous = ${synchronous}`);
    database.pragma(`wal_autocheckpoint = ${checkpoint}`);
    database.pragma(`cache_size = ${cache}`);
  }
}
