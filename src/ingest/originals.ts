import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Agent } from '../agents/agent.ts';
import type { Store } from '../store/open-store.ts';
import { loadCheckpoint } from './checkpoints.ts';
import { type Source, sourceAt } from './discover.ts';

/**
 * Recordings in the same folder that begin at the same moment as one about to be imported for the first time: one was
 * copied from the other. Searched only if that one began before `begunBefore` (microseconds), and only among paths for
 * which `isLeft` holds.
 */
export function originalsBeside(
  store: Store,
  sources: readonly Source[],
  agents: readonly Agent[],
  begunBefore: number,
  isLeft: (path: string) => boolean,
): Source[] {
  const beginnings = new Map<string, Set<number>>();
  for (const { path, detection } of sources) {
    const { oldestMicros, subagent } = detection;
    if (oldestMicros === undefined || oldestMicros >= begunBefore || subagent === true) continue;
    if (loadCheckpoint(store, path) !== undefined) continue;
    const folder = dirname(path);
    beginnings.set(folder, (beginnings.get(folder) ?? new Set()).add(oldestMicros));
  }
  return [...beginnings].flatMap(([folder, times]) =>
    pathsIn(folder)
      .filter(isLeft)
      .flatMap((path) => {
        const source = sourceAt(path, agents);
        return source !== undefined && times.has(source.detection.oldestMicros ?? Number.NaN)
          ? [source]
          : [];
      }),
  );
}

function pathsIn(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ name }) => join(folder, name));
  } catch {
    return []; // deleted meanwhile
  }
}
