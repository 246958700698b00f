import { open } from 'node:fs/promises';
import type { Store } from './open-store.ts';

/**
 * Resolves when all that was committed before is on the disk, as `synchronous = FULL` has it, but without holding the
 * store meanwhile: those who record do not wait for it. Rejects with what the file system says.
 */
export async function logOnDisk({ path }: Pick<Store, 'path'>): Promise<void> {
  let log: Awaited<ReturnType<typeof open>>;
  try {
    log = await open(`${path}-wal`, 'r+');
  } catch (error) {
    // Where a file system knows no shared memory there is no log, and each commit has waited for the disk.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  try {
    await log.datasync();
  } finally {
    await log.close();
  }
}
