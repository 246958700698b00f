import { existsSync, readdirSync, statfsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { openStore } from './open-store.ts';
import { SCHEMA_VERSION } from './schema.ts';
import { spoolFolders } from './spool.ts';

/** What a store's files say from outside, whether or not it can be opened. Sizes are bytes. */
export interface StoreFiles {
  readonly exists: boolean;
  readonly bytes: number;
  readonly logBytes: number;
  /** Permission bits of file and folder; undefined on Windows, and where there is none. */
  readonly mode: number | undefined;
  readonly folderMode: number | undefined;
  /** Free for this user on its file system; undefined where that cannot be told. */
  readonly freeBytes: number | undefined;
  /** Files of facts that wait for being stored, and such that hold none. */
  readonly waiting: number;
  readonly unreadable: number;
}

/** What an open store says of itself. */
export interface StoreHealth {
  readonly schema: number;
  readonly sessions: number;
  readonly newestMicros: number | null;
  /** `skipped` for a store that is larger than what is checked here. */
  readonly check: 'ok' | 'damaged' | 'skipped';
  readonly redactionKey: Buffer;
}

const MOST_CHECKED_BYTES = 256 * 1024 * 1024;
const BUSY_MILLIS = 1000;

export function storeFiles(path: string): StoreFiles {
  const stat = statSync(path, { throwIfNoEntry: false });
  const folder = nearestFolder(dirname(path));
  const ownFolder = statSync(dirname(path), { throwIfNoEntry: false });
  const names = spoolNames(path);
  const bits = (mode: number | undefined) =>
    process.platform === 'win32' || mode === undefined ? undefined : mode & 0o777;
  return {
    exists: stat !== undefined,
    bytes: stat?.size ?? 0,
    logBytes: statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0,
    mode: bits(stat?.mode),
    folderMode: bits(ownFolder?.mode),
    freeBytes: freeBytes(folder),
    waiting: names.filter((name) => name.endsWith('.json')).length,
    unreadable: names.filter((name) => name.endsWith('.unreadable')).length,
  };
}

/** Opens the store without changing its schema and looks into it. Throws what {@link openStore} throws. */
export function storeHealth(path: string): StoreHealth {
  const store = openStore({ path, mode: 'read', busyMillis: BUSY_MILLIS, upgrade: false });
  try {
    const { database } = store;
    const one = (sql: string) => database.prepare<[], number | null>(sql).pluck().get() ?? null;
    const small = statSync(path).size <= MOST_CHECKED_BYTES;
    const check = small ? database.pragma('quick_check(1)', { simple: true }) : 'skipped';
    return {
      schema: SCHEMA_VERSION,
      sessions: one('SELECT count(*) FROM sessions WHERE root = id AND last_us IS NOT NULL') ?? 0,
      newestMicros: one('SELECT max(last_us) FROM sessions'),
      check: check === 'ok' || check === 'skipped' ? check : 'damaged',
      redactionKey: store.redactionKey,
    };
  } finally {
    store.close();
  }
}

function spoolNames(path: string): string[] {
  return spoolFolders(path).flatMap((folder) => {
    try {
      return readdirSync(folder);
    } catch {
      return [];
    }
  });
}

function nearestFolder(folder: string): string {
  let here = folder;
  while (!existsSync(here) && dirname(here) !== here) here = dirname(here);
  return here;
}

function freeBytes(folder: string): number | undefined {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize;
  } catch {
    return undefined;
  }
}
