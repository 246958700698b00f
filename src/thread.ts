// The entry point of every thread: launches its bundle, as cli.ts launches the program's.
import { workerData } from 'node:worker_threads';
import { runCompiled } from './compiled-bundle.ts';
import type { ThreadData, ThreadName } from './thread-data.ts';

declare const __THREAD_BUILDS__: Readonly<Record<ThreadName, string>>;

/** What the bundle of a thread exports. */
interface ThreadBundle {
  /** Begins its work; `keep` is to be called once it has compiled most of what it needs. */
  start(keep: () => void): void;
}

const { thread } = workerData as ThreadData<unknown>;
const { exports, keep } = runCompiled<ThreadBundle>(
  `${thread}.cjs`,
  __THREAD_BUILDS__[thread],
  thread,
);
exports.start?.(keep);
