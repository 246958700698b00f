import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import type { EventDraft } from '../session/event.ts';
import type { EventWriter } from './event-writer.ts';
import { leafWriter } from './leaves.ts';
import { withoutLinks } from './location.ts';
import type { Store } from './open-store.ts';
import { makePrivateFolder } from './private-folder.ts';
import { isSpooledDraft } from './spooled-draft.ts';

const READY = '.json';

/** Folder beside a store for facts that could not be written into it. */
export function spoolFolder(storePath: string): string {
  return `${withoutLinks(storePath)}-spool`;
}

/** Where facts of the store may wait: there, and under the name by which it was opened. */
export function spoolFolders(storePath: string): string[] {
  return [...new Set([spoolFolder(storePath), `${storePath}-spool`].map(withoutLinks))];
}

/**
 * Keeps facts in a file of their own until the store can be written again (folder 0700, file 0600, on the disk when
 * this returns). `name` is unique among all writers and sorts by time. Throws what the file system throws; the same
 * writer may try again under the same name.
 */
export function spoolDrafts(storePath: string, drafts: readonly EventDraft[], name: string): void {
  const folder = spoolFolder(storePath);
  makePrivateFolder(folder);
  const half = join(folder, `${name}.part`);
  const bytes = Buffer.from(JSON.stringify(drafts));
  const file = openSync(half, 'w', 0o600);
  try {
    for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(half, join(folder, `${name}${READY}`));
  syncFolder(folder);
}

/** A name lives in its folder; where folders cannot be synced the system does it by itself. */
function syncFolder(folder: string): void {
  try {
    const handle = openSync(folder, 'r');
    try {
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
  } catch {
    // Not every platform opens folders.
  }
}

export interface Drained {
  /** Files whose facts are in the store now. */
  readonly files: number;
  /** Files left for the next time, because of `mostFiles`. */
  readonly left: number;
  /** Files that hold no facts; they were renamed, not deleted. */
  readonly unreadable: number;
}

export interface DrainOptions {
  /** The rest is left for the next time. */
  readonly mostFiles?: number | undefined;
  /** What each fact goes through before it is stored. */
  readonly clean?: ((draft: EventDraft) => EventDraft) | undefined;
}

const NOTHING: Drained = { files: 0, left: 0, unreadable: 0 };

/**
 * Moves waiting facts into the store, oldest first. Facts are stored before their file goes, and a fact stored twice
 * is one fact, so that neither a crash nor a second process that does the same loses or doubles anything.
 */
export function drainSpool(
  store: Store,
  writer: EventWriter,
  { mostFiles = Number.MAX_SAFE_INTEGER, clean }: DrainOptions = {},
): Drained {
  const folders = spoolFolders(store.path).filter((folder) => existsSync(folder));
  if (folders.length === 0) return NOTHING;
  const paths = folders
    .flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)))
    .filter((path) => path.endsWith(READY))
    .sort((a, b) => (basename(a) < basename(b) ? -1 : 1));
  let files = 0;
  let unreadable = 0;
  for (const path of paths.slice(0, mostFiles)) {
    const drafts = draftsOf(path);
    if (drafts === undefined) {
      unreadable++;
      ignoringMissing(() => renameSync(path, `${path}.unreadable`));
      continue;
    }
    writer.append(clean === undefined ? drafts : drafts.map(clean));
    ignoringMissing(() => unlinkSync(path));
    files++;
  }
  const torn = folders.reduce((sum, folder) => sum + setTornAside(folder), 0);
  noteLosses(store, unreadable, torn);
  return { files, left: Math.max(0, paths.length - mostFiles), unreadable };
}

/** A file that nobody has written to for this long was left half written by a process that died. */
const TORN_MILLIS = 60_000;

/** Renames half-written files; returns how many. */
function setTornAside(folder: string): number {
  let torn = 0;
  for (const name of readdirSync(folder).filter((file) => file.endsWith('.part'))) {
    const path = join(folder, name);
    ignoringMissing(() => {
      if (Date.now() - statSync(path).mtimeMs < TORN_MILLIS) return;
      renameSync(path, `${path}.torn`);
      torn++;
    });
  }
  return torn;
}

/** What could not be read was set aside, and the ledger says so: it is a gap in the evidence. */
function noteLosses(store: Store, unreadable: number, torn: number): void {
  if (unreadable + torn === 0) return;
  const addLeaf = leafWriter(store);
  const note = `facts that waited beside the store were set aside: ${unreadable} files unreadable, ${torn} half written`;
  store.database.transaction(() => addLeaf({ t: 'recovery', note })).immediate();
}

/** Empty when another process took the file; undefined when it holds something else. */
function draftsOf(path: string): readonly EventDraft[] | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return [];
  }
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) && value.every(isSpooledDraft) ? value : undefined;
  } catch {
    return undefined;
  }
}

function ignoringMissing(act: () => void): void {
  try {
    act();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}
