import { randomBytes } from 'node:crypto';
import type { EventDraft } from '../session/event.ts';
import type { EventWriter } from '../store/event-writer.ts';
import { fileIdentity } from '../store/file-identity.ts';
import { openStore, type Store } from '../store/open-store.ts';
import { drainSpool, spoolDrafts } from '../store/spool.ts';
import { createEventWriter } from '../store/write-events.ts';
import { describeFailure, noteTrouble } from './trouble-log.ts';

/** Facts on their way to the store. Nothing here throws: the host must go on whatever happens to its recording. */
export interface FactQueue {
  add(draft: EventDraft): void;
  /** Writes everything that is waiting; false if something is still waiting. */
  flush(): boolean;
  /**
   * Writes everything that is waiting, beside the store if the store does not take it; what neither takes stays in
   * memory.
   */
  save(): void;
  /** The last flush: waits longer for a locked store, and keeps the rest beside it. Later facts are dropped. */
  close(): void;
  /** As {@link close}, but facts added later are written at once, because timers no longer run. */
  end(): void;
  /**
   * Number of facts lost because neither the store nor the folder beside it could take them, or because they came too
   * late.
   */
  readonly dropped: number;
}

/** A locked store is not waited for while the host works. */
const BUSY_MILLIS = 20;
const LAST_BUSY_MILLIS = 1000;
const FLUSH_MILLIS = 5;
const RETRY_MILLIS = 250;
const BATCH = 500;
const MOST_CHARACTERS = 64 * 1024 * 1024;

export interface QueueOptions {
  readonly storePath: string;
  /** Most facts that may wait in memory; more are kept in files beside the store. */
  readonly mostWaiting: number;
  /** Must not throw. */
  readonly onProblem: (problem: unknown) => void;
}

export function createFactQueue(options: QueueOptions): FactQueue {
  return new StoreQueue(options);
}

/** For when there is no place for a store: drops all facts. */
export function createNoQueue(): FactQueue {
  let dropped = 0;
  return {
    add: () => {
      dropped += 1;
    },
    flush: () => dropped === 0,
    save: () => undefined,
    close: () => undefined,
    end: () => undefined,
    get dropped() {
      return dropped;
    },
  };
}

class StoreQueue implements FactQueue {
  readonly #options: QueueOptions;
  /** Distinguishes this queue's files from those of others. */
  readonly #run = randomBytes(6).toString('hex');
  #waiting: EventDraft[] = [];
  #characters = 0;
  #dropped = 0;
  #spooled = 0;
  /** Kept until used: a failed attempt may have left a file of this name. */
  #spoolName: string | undefined;
  #closed = false;
  #ending = false;
  #refusing = false;
  /** Making room is not tried again before this time, in milliseconds of the monotonic clock. */
  #fullUntil = 0;
  #timer: NodeJS.Timeout | undefined;
  #store: Store | undefined;
  #writer: EventWriter | undefined;
  #identity: string | undefined;
  /** Problems reported since the last successful write. */
  readonly #reported = new Set<string>();

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
    if (this.#isFull() && !this.#makeRoom()) {
      this.#dropped += 1;
      return;
    }
    this.#waiting.push(draft);
    this.#characters += sizeOf([draft]);
    if (this.#ending) this.#finish(BUSY_MILLIS);
    else if (this.#isFull()) this.save();
    else this.#schedule(FLUSH_MILLIS);
  }

  flush(): boolean {
    if (this.#waiting.length === 0) return true;
    const rest = this.#write(this.#take(), BUSY_MILLIS);
    if (rest.length === 0) return true;
    this.#putBack(rest);
    this.#schedule(RETRY_MILLIS);
    return false;
  }

  save(): void {
    if (this.flush()) return;
    const drafts = this.#take();
    if (this.#spool(drafts)) return;
    // The first facts say what the session is, so if more arrive than can wait, the later ones are dropped.
    this.#putBack(drafts);
    this.#fullUntil = performance.now() + RETRY_MILLIS;
  }

  close(): void {
    if (this.#closed) return;
    this.#finish(LAST_BUSY_MILLIS);
    this.#closed = true;
  }

  end(): void {
    if (this.#closed || this.#ending) return;
    this.#ending = true;
    this.#finish(LAST_BUSY_MILLIS);
  }

  #finish(busyMillis: number): void {
    clearTimeout(this.#timer);
    try {
      this.#store?.database.pragma(`busy_timeout = ${busyMillis}`);
    } catch (error) {
      this.#problem(error);
    }
    const rest = this.#write(this.#take(), busyMillis);
    if (!this.#spool(rest)) {
      this.#dropped += rest.length;
      noteTrouble(this.#options.storePath, `recorder: ${this.#dropped} facts dropped`);
    }
    this.#leaveStore();
  }

  #leaveStore(): void {
    try {
      this.#store?.close();
    } catch (error) {
      this.#problem(error);
    }
    this.#store = undefined;
    this.#writer = undefined;
  }

  #isFull(): boolean {
    return this.#waiting.length >= this.#options.mostWaiting || this.#characters > MOST_CHARACTERS;
  }

  #makeRoom(): boolean {
    if (performance.now() < this.#fullUntil) return false;
    this.save();
    return !this.#isFull();
  }

  #putBack(drafts: readonly EventDraft[]): void {
    this.#waiting = [...drafts, ...this.#waiting];
    this.#characters = sizeOf(this.#waiting);
  }

  #take(): EventDraft[] {
    const drafts = this.#waiting;
    this.#waiting = [];
    this.#characters = 0;
    return drafts;
  }

  #schedule(millis: number): void {
    if (this.#timer !== undefined || this.#closed || this.#ending) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.flush();
    }, millis);
    // In a simulated browser it is a number.
    this.#timer.unref?.();
  }

  #open(busyMillis: number): EventWriter {
    // Anything written to a file that has lost its name would be lost.
    if (this.#store !== undefined && this.#isElsewhere()) this.#leaveStore();
    if (this.#store === undefined || this.#writer === undefined) {
      const path = this.#options.storePath;
      this.#store = openStore({ path, mode: 'write', busyMillis, upgrade: false });
      this.#identity = fileIdentity(path);
      this.#writer = createEventWriter(this.#store);
      drainSpool(this.#store, this.#writer);
    }
    return this.#writer;
  }

  #isElsewhere(): boolean {
    try {
      return fileIdentity(this.#options.storePath) !== this.#identity;
    } catch {
      // A file system that does not answer now may do so next time.
      return false;
    }
  }

  /** Returns what could not be written. */
  #write(drafts: readonly EventDraft[], busyMillis: number): readonly EventDraft[] {
    if (drafts.length === 0) return drafts;
    let at = 0;
    try {
      const into = this.#open(busyMillis);
      while (at < drafts.length) {
        into.append(drafts.slice(at, at + BATCH));
        at += BATCH;
      }
      this.#reported.clear();
      return [];
    } catch (error) {
      this.#problem(error);
      return drafts.slice(at);
    }
  }

  /** Keeps facts beside the store; false if that is impossible. */
  #spool(drafts: readonly EventDraft[]): boolean {
    if (drafts.length === 0) return true;
    try {
      this.#spoolName ??= this.#newSpoolName();
      spoolDrafts(this.#options.storePath, drafts, this.#spoolName);
      this.#spoolName = undefined;
      return true;
    } catch (error) {
      this.#problem(error);
      return false;
    }
  }

  #newSpoolName(): string {
    this.#spooled += 1;
    const number = String(this.#spooled).padStart(6, '0');
    return `${Date.now()}-${process.pid}-${this.#run}-${number}`;
  }

  /** Reports a problem once, not at every attempt. */
  #problem(error: unknown): void {
    const words = describeFailure(error);
    if (this.#reported.has(words)) return;
    this.#reported.add(words);
    noteTrouble(this.#options.storePath, `recorder: ${words}`);
    this.#options.onProblem(error);
  }

  /** Reported once: from now on nothing is recorded, and the program may not know it. */
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
