import { open } from 'node:fs/promises';
import type { Store } from './open-store.ts';

/**
 * Resolves once everything committed so far is on disk, as with `synchronous = FULL`, but without locking the store
 * meanwhile, so recorders do not wait. Rejects with the error of the file system.
 */
export async function logOnDisk({ path }: Pick<Store, 'path'>): Promise<void> {
  let log: Awaited<ReturnType<typeof open>>;
  try {
    log = await open(`${path}-wal`, 'r+');
  } catch (error) {
    // On file systems without shared memory there is no log, and each commit has already waited for the disk.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  try {
    await log.datasync();
  } finally {
    await log.close();
  }
}
