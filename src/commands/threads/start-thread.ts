import { dirname, join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { AgentStraceError } from '../../errors.ts';
import type { ThreadData, ThreadName } from '../../thread-data.ts';

/** Who listens to a thread. */
interface Listener<Message> {
  readonly hear: (message: Message) => void;
  /** Called with what ended it; also when that was its own end, after all of its messages. */
  readonly fail: (error: Error) => void;
}

/** Starts a thread of the program with what it needs to know. */
export function startThread<Start, Message>(
  thread: ThreadName,
  start: Start,
  { hear, fail }: Listener<Message>,
): Worker {
  const worker = new Worker(join(dirname(__filename), 'thread.cjs'), {
    workerData: { thread, ...start } satisfies ThreadData<Start>,
  });
  worker.on('error', (error) => fail(deathOf(error)));
  // Such as a message that there was no memory to receive.
  worker.on('messageerror', fail);
  worker.on('exit', () => fail(new Error(`the ${thread} ended early`)));
  worker.on('message', hear);
  return worker;
}

/** What ended a thread, for the person where there is something to do about it. */
function deathOf(error: Error): Error {
  if ((error as NodeJS.ErrnoException).code !== 'ERR_WORKER_OUT_OF_MEMORY') return error;
  return new AgentStraceError(
    'out_of_memory',
    'a second thread ran out of memory; --threads 1 does without it, and NODE_OPTIONS=--max-old-space-size=4096 gives more (MB)',
    { cause: error },
  );
}
