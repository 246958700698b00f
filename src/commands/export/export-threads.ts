import { availableParallelism } from 'node:os';
import type { Worker } from 'node:worker_threads';
import type { SpanPart, ThreadMessage, ThreadStart, ThreadTask } from '../threads/span-thread.ts';
import { startThread } from '../threads/start-thread.ts';
import { toldFailure } from '../threads/told-failure.ts';

/** Facts below which a thread of an export takes longer to start than it saves. */
export const WORTH_PRINTING = 60_000;
/** The same of one that is sent, where it also waits for answers while this thread does not. */
export const WORTH_SENDING = 20_000;
/** One thread more takes a quarter to a third off the time on two processors; memory grows with each. */
const USUAL_HELP = 1;
/** More than this many gain nothing: what they make is written by one. */
const MOST_ASKED = 8;

/**
 * How many threads beside this one shall help with so many sessions and facts, of which `worth` are worth it. `asked`: as
 * `--threads` has it.
 */
export function helpingThreads(
  asked: unknown,
  sessions: number,
  events: number,
  worth: number,
): number {
  if (typeof asked === 'number') return Math.max(0, Math.min(asked, sessions, MOST_ASKED) - 1);
  if (sessions < 2 || events < worth) return 0;
  return Math.min(USUAL_HELP, availableParallelism() - 1);
}

/** Whether a thread may take a session before its turn: of fewer, another thread might have none at the end. */
export function isPlenty(sessions: number, threads: number): boolean {
  return sessions >= 2 * threads;
}

/** Those that no one has taken yet, of one task. */
interface Task {
  readonly parts: SpanPart[];
  ended: boolean;
}

/** A thread that makes spans of one session after the other, in a few megabytes that wait to be taken. */
export class SpanThread {
  readonly #worker: Worker;
  readonly #untaken: Int32Array;
  /** In the order in which the thread works on them; the first is the one it says something of. */
  readonly #open: Task[] = [];
  #failure: Error | undefined;
  #isClosed = false;
  #heard: () => void = () => {};

  constructor(start: Omit<ThreadStart, 'untaken'>) {
    const untaken = new SharedArrayBuffer(4);
    this.#untaken = new Int32Array(untaken);
    this.#worker = startThread<ThreadStart, ThreadMessage>(
      'export-thread',
      { ...start, untaken },
      {
        fail: (error) => this.#fail(error),
        hear: (message) => this.#hear(message),
      },
    );
  }

  /**
   * Has the spans of a session made after those that were asked for before, and gives them as they come. What was asked
   * for first is to be taken first. Throws what went wrong there.
   */
  make(wanted: ThreadTask): AsyncGenerator<SpanPart> {
    const { root, profile, segment } = wanted;
    const task: Task = { parts: [], ended: false };
    this.#open.push(task);
    this.#worker.postMessage({ root, profile, segment } satisfies ThreadTask);
    return this.#partsOf(task);
  }

  /** Ends the thread, whatever it is doing; nobody gets any more of it. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#heard();
    await this.#worker.terminate();
  }

  async *#partsOf(task: Task): AsyncGenerator<SpanPart> {
    for (;;) {
      const part = task.parts.shift();
      if (part !== undefined) {
        yield part;
        Atomics.sub(this.#untaken, 0, part.bytes.length);
        Atomics.notify(this.#untaken, 0);
      } else if (task.ended || this.#isClosed) return;
      else if (this.#failure !== undefined) throw this.#failure;
      else
        await new Promise<void>((resolve) => {
          this.#heard = resolve;
        });
    }
  }

  #hear(message: ThreadMessage): void {
    const task = this.#open[0];
    if (this.#failure !== undefined) return;
    if (message.type === 'failed') this.#fail(toldFailure(message));
    else if (task !== undefined && message.type === 'spans') task.parts.push(message);
    else if (task !== undefined) {
      task.ended = true;
      this.#open.shift();
    }
    this.#heard();
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    this.#heard();
  }
}
