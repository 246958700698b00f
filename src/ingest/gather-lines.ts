import { closeSync, fstatSync, openSync, statSync } from 'node:fs';
import { fileChunks, readLines } from './read-lines.ts';

/** What has been found in a file so far, and where its next line begins. */
interface Gathered {
  readonly inode: number;
  offset: number;
  found: unknown[];
}

const MOST_FILES = 16;
/** Twice as many are held before the older half is dropped. */
const MOST_FOUND = 10_000;
const gathered = new Map<unknown, Map<string, Gathered>>();

/** Applies `take` to the lines of a file, as `Sidecars.gather` describes. Holds one line in memory at a time. */
export function gatherLines<T>(path: string, take: (line: string) => readonly T[]): readonly T[] {
  try {
    if (!statSync(path).isFile()) return [];
    const file = openSync(path, 'r');
    try {
      return readOn(file, knownOf(file, path, take), take);
    } finally {
      closeSync(file);
    }
  } catch {
    return [];
  }
}

function knownOf(file: number, path: string, take: unknown): Gathered {
  const { ino, size } = fstatSync(file);
  const files = gathered.get(take) ?? new Map<string, Gathered>();
  gathered.set(take, files);
  const last = files.get(path);
  if (last !== undefined && last.inode === ino && last.offset <= size) return last;
  const fresh = { inode: ino, offset: 0, found: [] };
  if (files.size >= MOST_FILES) files.clear();
  files.set(path, fresh);
  return fresh;
}

function readOn<T>(
  file: number,
  known: Gathered,
  take: (line: string) => readonly T[],
): readonly T[] {
  for (const line of readLines(fileChunks(file, known.offset), known.offset, 1)) {
    const found = line.text === undefined ? [] : take(line.text);
    // The last line of a live file may still be growing.
    if (!line.terminated) return [...(known.found as T[]), ...found];
    known.found.push(...found);
    if (known.found.length > 2 * MOST_FOUND) known.found = known.found.slice(-MOST_FOUND);
    known.offset = line.endOffset;
  }
  return known.found as T[];
}
