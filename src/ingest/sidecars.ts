import { readdirSync, readFileSync, statSync } from 'node:fs';
import type { Sidecars } from '../agents/agent.ts';
import { gatherLines } from './gather-lines.ts';

const MAX_BYTES = 1024 * 1024;
const MAX_NAMES = 10_000;

/** Small files beside a source on the disk, and the names of all: for a look that reads no other source. */
export const SMALL_SIDECARS: Sidecars = { read: readSidecar, list: listFolder };

/** What lies beside a source on the disk. */
export const FOLDER_SIDECARS: Sidecars = { ...SMALL_SIDECARS, gather: gatherLines };

function readSidecar(path: string, most = MAX_BYTES): string | undefined {
  try {
    const stat = statSync(path);
    return stat.isFile() && stat.size <= most ? readFileSync(path, 'utf8') : undefined;
  } catch {
    return undefined;
  }
}

const MAX_LISTINGS = 16;
/** A folder that changed less long ago may change again within the same tick of its clock. */
const SETTLED_MILLIS = 2000;
const listings = new Map<string, { readonly changed: number; readonly names: readonly string[] }>();

/** Names in a folder. Each file of a tree asks for those beside it, so a listing is kept while the folder stays as it is. */
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
