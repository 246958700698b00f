import { closeSync, openSync, readdirSync, readFileSync, statSync } from 'node:fs';
import type { Sidecars } from '../agents/agent.ts';
import { gatherLines } from './gather-lines.ts';
import { fileChunks, readLines } from './read-lines.ts';
import { splitJson } from './split-json.ts';

const MAX_BYTES = 1024 * 1024;
const MAX_NAMES = 10_000;

/** Small files beside a source, and the names of all: for an examination that reads no other source. */
export const SMALL_SIDECARS: Sidecars = { read: readSidecar, list: listFolder };

/** The files beside a source. */
export const FOLDER_SIDECARS: Sidecars = {
  ...SMALL_SIDECARS,
  gather: gatherLines,
  values: valuesIn,
};

function readSidecar(path: string, most = MAX_BYTES): string | undefined {
  try {
    const stat = statSync(path);
    return stat.isFile() && stat.size <= most ? readFileSync(path, 'utf8') : undefined;
  } catch {
    return undefined;
  }
}

function* valuesIn(path: string, from: number, through: number): Generator<unknown> {
  const file = openSync(path, 'r');
  try {
    for (const { text, number } of readLines(fileChunks(file, 0), 0, 1)) {
      if (number > through) return;
      if (number < from || text === undefined) continue;
      for (const { value } of splitJson(text).pieces) yield value;
    }
  } finally {
    closeSync(file);
  }
}

const MAX_LISTINGS = 16;
/** A folder that changed more recently may change again within the same tick of the file system's clock. */
const SETTLED_MILLIS = 2000;
const listings = new Map<string, { readonly changed: number; readonly names: readonly string[] }>();

/**
 * Names in a folder. Every file of a tree asks for those beside it, so a listing is cached until the folder changes.
 */
function listFolder(folder: string): readonly string[] {
  try {
    const changed = statSync(folder).mtimeMs;
    const known = listings.get(folder);
    if (known?.changed === changed) return known.names;
    const names = readdirSync(folder).sort().slice(0, MAX_NAMES);
    if (listings.size >= MAX_LISTINGS) listings.clear();
    if (Date.now() - changed > SETTLED_MILLIS) listings.set(folder, { changed, names });
    return names;
  } catch {
    return [];
  }
}
