// What a thread of the program starts with: the launcher of its bundle, as cli.ts is of the program's.
import { workerData } from 'node:worker_threads';
import { runCompiled } from './compiled-bundle.ts';
import type { ThreadData, ThreadName } from './thread-data.ts';

declare const __THREAD_BUILDS__: Readonly<Record<ThreadName, string>>;

/** What the bundle of a thread exports. */
interface ThreadBundle {
  /** Begins its work; `keep` is to be called when it has compiled most of what it needs. */
  start(keep: () => void): void;
}

const { thread } = workerData as ThreadData<unknown>;
const { exports, keep } = runCompiled<ThreadBundle>(
  `${thread}.cjs`,
  __THREAD_BUILDS__[thread],
  thread,
);
exports.start?.(keep);
