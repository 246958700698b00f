import type { Store } from '../store/open-store.ts';
import { NO_PREFIX, saveCheckpoint } from './checkpoints.ts';
import type { Source } from './discover.ts';
import type { Reached } from './read-records.ts';
import { type SourceReport, warnIfEmpty } from './report.ts';

/** Notes how far a file of lines was read, once all of its facts are stored. */
export function endLines(
  store: Store,
  source: Source,
  report: SourceReport,
  { inode, size, fromStart, offset, line, boundsHash, state }: Reached,
): void {
  // A start is stored with the first fact of its session's own: until that comes, the next import reads the start again.
  const again = fromStart && storedNothing(report);
  saveCheckpoint(store, source.path, {
    agent: source.agent.name,
    dialect: source.detection.dialect,
    inode,
    size,
    offset: again ? 0 : offset,
    line: again ? 0 : line,
    prefix_hash: again ? NO_PREFIX : boundsHash,
    state: again ? '' : keptState(report, state),
  });
  if (fromStart) warnIfEmpty(report, size);
}

function storedNothing({ eventsAdded, eventsKnown, pruned }: SourceReport): boolean {
  return eventsAdded + eventsKnown + pruned.size === 0;
}

/** A reader remembers bits of what it read, such as titles: not of sessions that were pruned. */
export function keptState({ sessions, pruned }: SourceReport, reached: string): string {
  const isGone = pruned.size > 0 && [...sessions].every((session) => pruned.has(session));
  return isGone ? '' : reached;
}
