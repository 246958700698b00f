import { type Stats, statSync } from 'node:fs';

/** What tells that a file has changed. */
export interface Stamp {
  readonly size: number;
  /** Of the file or of its write-ahead log, whichever is newer. */
  readonly mtimeMs: number;
  /** Of the write-ahead log: a database changes in it long before it changes itself. */
  readonly logSize: number;
}

/** Undefined where there is no such file. */
export function stampOf(path: string): Stamp | undefined {
  const stat = existing(path);
  if (stat === undefined) return undefined;
  const log = /\.(?:jsonl?|ndjson|zst)$/.test(path) ? undefined : existing(`${path}-wal`);
  const mtimeMs = Math.max(stat.mtimeMs, log?.mtimeMs ?? 0);
  return { size: stat.size, mtimeMs, logSize: log?.size ?? 0 };
}

export function isSame(one: Stamp, other: Stamp): boolean {
  return one.size === other.size && one.mtimeMs === other.mtimeMs && one.logSize === other.logSize;
}

/** Undefined also where a folder on the way is none, or may not be entered. */
export function existing(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}
