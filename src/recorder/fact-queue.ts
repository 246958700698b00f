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

export function createFactQueue({ storePath, mostWaiting, onProblem }: QueueOptions): FactQueue {
  const run = randomBytes(6).toString('hex');
  let waiting: EventDraft[] = [];
  let characters = 0;
  let dropped = 0;
  let spooled = 0;
  let closed = false;
  let refusing = false;
  let timer: NodeJS.Timeout | undefined;
  let store: Store | undefined;
  let writer: EventWriter | undefined;
  let lastProblem: string | undefined;

  function schedule(millis: number): void {
    if (timer !== undefined || closed) return;
    timer = setTimeout(() => {
      timer = undefined;
      flush();
    }, millis);
    timer.unref();
  }

  function open(busyMillis: number): EventWriter {
    if (store === undefined || writer === undefined) {
      store = openStore({ path: storePath, mode: 'write', busyMillis, upgrade: false });
      writer = createEventWriter(store);
      drainSpool(store, writer);
    }
    return writer;
  }

  /** Returns what could not be written. */
  function write(drafts: readonly EventDraft[], busyMillis: number): readonly EventDraft[] {
    let at = 0;
    try {
      const into = open(busyMillis);
      while (at < drafts.length) {
        into.append(drafts.slice(at, at + BATCH));
        at += BATCH;
      }
      lastProblem = undefined;
      return [];
    } catch (error) {
      problem(error);
      return drafts.slice(at);
    }
  }

  /** Said once, not at every try. */
  function problem(error: unknown): void {
    const words = describeFailure(error);
    if (words === lastProblem) return;
    lastProblem = words;
    noteTrouble(storePath, `recorder: ${words}`);
    onProblem(error);
  }

  function spool(drafts: readonly EventDraft[]): void {
    if (drafts.length === 0) return;
    try {
      spooled += 1;
      spoolDrafts(
        storePath,
        drafts,
        `${Date.now()}-${process.pid}-${run}-${String(spooled).padStart(6, '0')}`,
      );
    } catch (error) {
      dropped += drafts.length;
      noteTrouble(
        storePath,
        `recorder: ${drafts.length} facts given up: ${describeFailure(error)}`,
      );
      onProblem(error);
    }
  }

  /** Said once: from then on the program records nothing, and may not know it. */
  function refuse(): void {
    dropped += 1;
    if (!refusing) onProblem(new Error('the recorder is closed: nothing is recorded any more'));
    refusing = true;
  }

  function take(): EventDraft[] {
    const drafts = waiting;
    waiting = [];
    characters = 0;
    return drafts;
  }

  function flush(): boolean {
    if (waiting.length === 0) return true;
    const rest = write(take(), BUSY_MILLIS);
    if (rest.length === 0) return true;
    waiting = [...rest, ...waiting];
    characters = sizeOf(waiting);
    schedule(RETRY_MILLIS);
    return false;
  }

  function save(): void {
    if (!flush()) spool(take());
  }

  return {
    add(draft) {
      if (closed) {
        refuse();
        return;
      }
      waiting.push(draft);
      characters += sizeOf([draft]);
      if (waiting.length >= mostWaiting || characters > MOST_CHARACTERS) {
        save();
      } else schedule(FLUSH_MILLIS);
    },
    flush,
    save,
    close() {
      if (closed) return;
      clearTimeout(timer);
      try {
        store?.database.pragma(`busy_timeout = ${LAST_BUSY_MILLIS}`);
      } catch (error) {
        problem(error);
      }
      spool(write(take(), LAST_BUSY_MILLIS));
      closed = true;
      try {
        store?.close();
      } catch (error) {
        problem(error);
      }
    },
    get dropped() {
      return dropped;
    },
  };
}

function sizeOf(drafts: readonly EventDraft[]): number {
  let size = 0;
  for (const draft of drafts) {
    size += 500;
    for (const content of draft.contents ?? []) size += content.text.length;
  }
  return size;
}
