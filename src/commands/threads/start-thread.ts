import { dirname, join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { AgentStraceError } from '../../errors.ts';
import type { ThreadData, ThreadName } from '../../thread-data.ts';

/** Receives what a thread sends. */
interface Listener<Message> {
  readonly hear: (message: Message) => void;
  /** Called with what ended the thread; also if it ended normally, after all of its messages. */
  readonly fail: (error: Error) => void;
}

/** Starts a thread of the program with its data. */
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

/** Why a thread ended, with advice for the user if there is something to do about it. */
function deathOf(error: Error): Error {
  if ((error as NodeJS.ErrnoException).code !== 'ERR_WORKER_OUT_OF_MEMORY') return error;
  return new AgentStraceError(
    'out_of_memory',
    'a second thread ran out of memory; --threads 1 avoids it, and NODE_OPTIONS=--max-old-space-size=4096 gives more (MB)',
    { cause: error },
  );
}
