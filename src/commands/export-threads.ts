import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { AgentStraceError, type ErrorCode } from '../errors.ts';
import type { OrderedParts } from './ordered-parts.ts';
import type {
  NumberedTask,
  SpanPart,
  ThreadMessage,
  ThreadStart,
  ThreadTask,
} from './span-thread.ts';

/** Facts below which starting a thread takes longer than it saves. */
const WORTH_EVENTS = 20_000;
/** One thread more takes a quarter to a third off the time on two processors; memory grows with each. */
const USUAL_HELP = 1;
/** While one is made, the next one waits there: this thread is heard between its own spans only. */
const TASKS_AHEAD = 2;
/** More than this many gain nothing: what they make is written by one. */
const MOST_ASKED = 8;

/** How many threads beside this one shall help with so many sessions and facts. `asked`: as `--threads` has it. */
export function helpingThreads(asked: unknown, sessions: number, events: number): number {
  if (typeof asked === 'number') return Math.max(0, Math.min(asked, sessions, MOST_ASKED) - 1);
  if (sessions < 2 || events < WORTH_EVENTS) return 0;
  return Math.min(USUAL_HELP, availableParallelism() - 1);
}

/**
 * Has a thread of its own make spans of the sessions that `next` gives, until there are none left. Rejects with what
 * went wrong there.
 */
export function runThread(
  start: Omit<ThreadStart, 'untaken'>,
  next: () => NumberedTask | undefined,
  parts: OrderedParts<SpanPart>,
  signal: AbortSignal,
): Promise<void> {
  const untaken = new SharedArrayBuffer(4);
  const counter = new Int32Array(untaken);
  const worker = new Worker(join(dirname(__filename), 'thread.cjs'), {
    workerData: { ...start, untaken } satisfies ThreadStart,
  });
  const tasks: NumberedTask[] = [];

  const take = async (message: Extract<ThreadMessage, { type: 'spans' }>, item: number) => {
    const { bytes, spans } = message;
    await parts.put(item, { bytes, spans }, bytes.length);
    Atomics.sub(counter, 0, bytes.length);
    Atomics.notify(counter, 0);
  };

  return new Promise<void>((resolve, reject) => {
    const give = () => {
      const task = next();
      if (task === undefined) return;
      tasks.push(task);
      worker.postMessage({ root: task.root, profile: task.profile } satisfies ThreadTask);
    };
    worker.on('error', reject);
    worker.on('exit', () => reject(new Error('a thread of the export ended early')));
    const heard = (message: ThreadMessage) => {
      if (message.type === 'failed') return reject(failureOf(message));
      const task = tasks[0];
      if (task === undefined) return;
      if (message.type === 'spans') return void take(message, task.item).catch(reject);
      parts.end(task.item);
      tasks.shift();
      give();
      if (tasks.length === 0) resolve();
    };
    worker.on('message', (message: ThreadMessage) => {
      try {
        heard(message);
      } catch (error) {
        reject(error);
      }
    });
    signal.addEventListener('abort', () => resolve(), { once: true });
    for (let n = 0; n < TASKS_AHEAD; n++) give();
    if (tasks.length === 0) resolve();
  }).finally(() => worker.terminate());
}

function failureOf({ code, message }: Extract<ThreadMessage, { type: 'failed' }>): Error {
  return code === undefined ? new Error(message) : new AgentStraceError(code as ErrorCode, message);
}
