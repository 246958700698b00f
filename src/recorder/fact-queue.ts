import { randomBytes } from 'node:crypto';
import type { EventDraft } from '../session/event.ts';
import type { EventWriter } from '../store/event-writer.ts';
import { openStore, type Store } from '../store/open-store.ts';
import { drainSpool, spoolDrafts } from '../store/spool.ts';
import { createEventWriter } from '../store/write-events.ts';
import { describeFailure, noteTrouble } from './trouble-log.ts';

/** Facts on their way to the store. Nothing here throws: the host's work goes on whatever becomes of its record. */
export interface FactQueue {
  add(draft: EventDraft): void;
  /** Writes everything that waits; false when something still waits. */
  flush(): boolean;
  /** Writes everything that waits, beside the store where the store does not take it. */
  save(): void;
  /** The last flush: waits longer for a locked store, and keeps the rest beside it. Nothing is taken afterwards. */
  close(): void;
  /** Facts that were given up: neither the store nor the folder beside it could take them, or they came too late. */
  readonly dropped: number;
}

/** While the host works, a locked store is not waited for. */
const BUSY_MILLIS = 20;
const LAST_BUSY_MILLIS = 1000;
const FLUSH_MILLIS = 5;
const RETRY_MILLIS = 250;
const BATCH = 500;
const MOST_CHARACTERS = 64 * 1024 * 1024;

export interface QueueOptions {
  readonly storePath: string;
  /** Facts that may wait in memory; more are kept in files beside the store. */
  readonly mostWaiting: number;
  /** Must not throw. */
  readonly onProblem: (problem: unknown) => void;
}

export function createFactQueue(options: QueueOptions): FactQueue {
  return new StoreQueue(options);
}

class StoreQueue implements FactQueue {
  readonly #options: QueueOptions;
  /** Distinguishes files of this queue from those of others. */
  readonly #run = randomBytes(6).toString('hex');
  #waiting: EventDraft[] = [];
  #characters = 0;
  #dropped = 0;
  #spooled = 0;
  #closed = false;
  #refusing = false;
  #timer: NodeJS.Timeout | undefined;
  #store: Store | undefined;
  #writer: EventWriter | undefined;
  #lastProblem: string | undefined;

  constructor(options: QueueOptions) {
    this.#options = options;
  }

  get dropped(): number {
    return this.#dropped;
  }

  add(draft: EventDraft): void {
    if (this.#closed) {
      this.#refuse();
      return;
    }
    this.#waiting.push(draft);
    this.#characters += sizeOf([draft]);
    if (this.#waiting.length >= this.#options.mostWaiting || this.#characters > MOST_CHARACTERS)
      this.save();
    else this.#schedule(FLUSH_MILLIS);
  }

  flush(): boolean {
    if (this.#waiting.length === 0) return true;
    const rest = this.#write(this.#take(), BUSY_MILLIS);
    if (rest.length === 0) return true;
    this.#waiting = [...rest, ...this.#waiting];
    this.#characters = sizeOf(this.#waiting);
    this.#schedule(RETRY_MILLIS);
    return false;
  }

  save(): void {
    if (!this.flush()) this.#spool(this.#take());
  }

  close(): void {
    if (this.#closed) return;
    clearTimeout(this.#timer);
    try {
      this.#store?.database.pragma(`busy_timeout = ${LAST_BUSY_MILLIS}`);
    } catch (error) {
      this.#problem(error);
    }
    this.#spool(this.#write(this.#take(), LAST_BUSY_MILLIS));
    this.#closed = true;
    try {
      this.#store?.close();
    } catch (error) {
      this.#problem(error);
    }
  }

  #take(): EventDraft[] {
    const drafts = this.#waiting;
    this.#waiting = [];
    this.#characters = 0;
    return drafts;
  }

  #schedule(millis: number): void {
    if (this.#timer !== undefined || this.#closed) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.flush();
    }, millis);
    this.#timer.unref();
  }

  #open(busyMillis: number): EventWriter {
    if (this.#store === undefined || this.#writer === undefined) {
      const path = this.#options.storePath;
      this.#store = openStore({ path, mode: 'write', busyMillis, upgrade: false });
      this.#writer = createEventWriter(this.#store);
      drainSpool(this.#store, this.#writer);
    }
    return this.#writer;
  }

  /** Returns what could not be written. */
  #write(drafts: readonly EventDraft[], busyMillis: number): readonly EventDraft[] {
    let at = 0;
    try {
      const into = this.#open(busyMillis);
      while (at < drafts.length) {
        into.append(drafts.slice(at, at + BATCH));
        at += BATCH;
      }
      this.#lastProblem = undefined;
      return [];
    } catch (error) {
      this.#problem(error);
      return drafts.slice(at);
    }
  }

  #spool(drafts: readonly EventDraft[]): void {
    if (drafts.length === 0) return;
    const { storePath, onProblem } = this.#options;
    try {
      this.#spooled += 1;
      const number = String(this.#spooled).padStart(6, '0');
      spoolDrafts(storePath, drafts, `${Date.now()}-${process.pid}-${this.#run}-${number}`);
    } catch (error) {
      this.#dropped += drafts.length;
      noteTrouble(
        storePath,
        `recorder: ${drafts.length} facts given up: ${describeFailure(error)}`,
      );
      onProblem(error);
    }
  }

  /** Said once, not at every try. */
  #problem(error: unknown): void {
    const words = describeFailure(error);
    if (words === this.#lastProblem) return;
    this.#lastProblem = words;
    noteTrouble(this.#options.storePath, `recorder: ${words}`);
    this.#options.onProblem(error);
  }

  /** Said once: from then on the program records nothing, and may not know it. */
  #refuse(): void {
    this.#dropped += 1;
    if (!this.#refusing)
      this.#options.onProblem(new Error('the recorder is closed: nothing is recorded any more'));
    this.#refusing = true;
  }
}

function sizeOf(drafts: readonly EventDraft[]): number {
  let size = 0;
  for (const draft of drafts) {
    size += 500;
    for (const content of draft.contents ?? []) size += content.text.length;
  }
  return size;
}
