import { dirname, join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { AgentStraceError } from '../../errors.ts';
import type { ThreadData, ThreadName } from '../../thread-data.ts';
import { type ThreadFailure, threadError } from './thread-failure.ts';

/** The last message of a thread that cannot go on. */
type Failed = { readonly type: 'failed' } & ThreadFailure;

/** A thread of the program that hands over bytes, and waits while too many of them are untaken. */
export class WorkingThread<Start, Message extends { readonly type: string }> {
  readonly #worker: Worker;
  readonly #untaken = new SharedArrayBuffer(4);
  #failure: Error | undefined;
  #isClosed = false;
  #wake: () => void = () => {};

  /** `hear` is called with each message, until the first failure. */
  constructor(thread: ThreadName, start: Start, hear: (message: Message) => void) {
    this.#worker = new Worker(join(dirname(__filename), 'thread.cjs'), {
      workerData: { thread, ...start, untaken: this.#untaken } satisfies ThreadData<Start>,
    });
    this.#worker.on('error', (error) => this.#fail(deathOf(error)));
    // Such as a message that there was no memory to receive.
    this.#worker.on('messageerror', (error) => this.#fail(error));
    this.#worker.on('exit', () => this.#fail(new Error(`the ${thread} ended early`)));
    this.#worker.on('message', (message: Message | Failed) => {
      if (message.type === 'failed') this.#fail(threadError(message as Failed));
      else if (this.#failure === undefined) hear(message as Message);
      this.#wake();
    });
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  send(task: unknown): void {
    this.#worker.postMessage(task);
  }

  /** Resolves when a message has been heard, or the thread was closed. Throws what ended the thread. */
  async more(): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
  }

  /** So many bytes are taken, so the thread may go on. */
  taken(bytes: number): void {
    const untaken = new Int32Array(this.#untaken);
    Atomics.sub(untaken, 0, bytes);
    Atomics.notify(untaken, 0);
  }

  /** Ends the thread, whatever it is doing. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#wake();
    await this.#worker.terminate();
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    this.#wake();
  }
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
