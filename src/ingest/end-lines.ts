import type { Store } from '../store/open-store.ts';
import { NO_PREFIX, saveCheckpoint } from './checkpoints.ts';
import type { Source } from './discover.ts';
import type { Reached } from './read-records.ts';
import { type SourceReport, warnIfEmpty } from './report.ts';

/** Saves how far a file of lines was read, once all of its facts are stored. */
export function endLines(
  store: Store,
  source: Source,
  report: SourceReport,
  { inode, size, fromStart, offset, line, boundsHash, state }: Reached,
): void {
  // The beginning counts as read only once a fact of the session has been stored; until then, the next import starts
  // over.
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

/** A reader's state holds fragments of what it read, such as titles; it is dropped if all its sessions were pruned. */
export function keptState({ sessions, pruned }: SourceReport, reached: string): string {
  const isGone = pruned.size > 0 && [...sessions].every((session) => pruned.has(session));
  return isGone ? '' : reached;
}
