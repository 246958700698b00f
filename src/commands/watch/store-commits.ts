import { type FSWatcher, watch } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { Store } from '../../store/open-store.ts';

/**
 * Calls back at each commit of any process, because each changes the write-ahead log; undefined if that cannot be
 * watched.
 */
export function onCommits({ path }: Store, call: () => void): FSWatcher | undefined {
  const name = basename(path);
  try {
    return watch(dirname(path), (_type, changed) => {
      if (changed === null || changed.startsWith(name)) call();
    });
  } catch {
    return undefined;
  }
}
