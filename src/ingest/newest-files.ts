import { statSync } from 'node:fs';
import type { Agent } from '../agents/agent.ts';
import { type Refusal, walk } from './discover.ts';

export interface FoundFile {
  readonly path: string;
  readonly size: number;
  /** Milliseconds since the epoch. */
  readonly changedMillis: number;
}

export interface FoundFiles {
  /** Number of files whose names the agent knows. */
  readonly count: number;
  /** The newest of them, newest first. */
  readonly newest: readonly FoundFile[];
  /** Folders that cannot be listed. */
  readonly refused: readonly Refusal[];
}

/** Files at a place whose names the agent knows: their number and the newest `most` of them. */
export function newestFiles(place: string, agent: Agent, most: number): FoundFiles {
  const refused: Refusal[] = [];
  let newest: FoundFile[] = [];
  let count = 0;
  const isFolder = statSync(place, { throwIfNoEntry: false })?.isDirectory() === true;
  for (const path of isFolder ? walk(place, [agent], refused, 0) : [place]) {
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat === undefined) continue;
    count++;
    newest.push({ path, size: stat.size, changedMillis: stat.mtimeMs });
    if (newest.length >= 2 * most + 1000) newest = sorted(newest).slice(0, most);
  }
  return { count, newest: sorted(newest).slice(0, most), refused };
}

function sorted(files: readonly FoundFile[]): FoundFile[] {
  return files.toSorted((a, b) => b.changedMillis - a.changedMillis || (a.path < b.path ? -1 : 1));
}
