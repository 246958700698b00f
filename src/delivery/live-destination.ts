import type { BatchResult, BatchSender } from '../exporters/bisecting.ts';
import type { TimedSpan } from '../exporters/encoder.ts';
import { type DueSpan, type FollowedTrace, LiveProgress } from './live-progress.ts';
import type { DeliveryState, Ledger } from './ports.ts';

export interface LiveTarget {
  readonly name: string;
  readonly format: string;
  readonly sender: BatchSender<TimedSpan>;
  /** Most spans of one request. */
  readonly batchItems: number;
  /** Sends a second request while the first one takes longer than `patienceMillis`; without it there is one at a time. */
  readonly second?: BatchSender<TimedSpan> | undefined;
  readonly patienceMillis?: number | undefined;
}

export interface LiveCounts {
  accepted: number;
  rejected: number;
  refused: number;
  requests: number;
  failures: number;
}

interface Request {
  readonly sender: BatchSender<TimedSpan>;
  /** Monotonic milliseconds. */
  readonly openedAt: number;
  readonly answered: Promise<void>;
}

/** Spans of one request, by trace. */
type Batch = ReadonlyMap<LiveProgress, readonly DueSpan[]>;

/**
 * Streams completed spans to one destination: at once when nothing is in flight, gathered meanwhile. Its place in
 * each trace is in the ledger and moves only after an answer.
 */
export class LiveDestination {
  readonly name: string;
  readonly counts: LiveCounts = { accepted: 0, rejected: 0, refused: 0, requests: 0, failures: 0 };
  readonly #target: LiveTarget;
  readonly #ledger: Ledger;
  readonly #traces = new Map<number, LiveProgress>();
  readonly #requests = new Set<Request>();
  readonly #saved = new WeakMap<LiveProgress, DeliveryState>();
  /** Answers that the ledger has yet to be told. */
  readonly #unwritten: (() => void)[] = [];
  #blocked: string | undefined;
  /** Blocked by a span that was refused alone: it goes again as soon as another one waits. */
  #undecided = false;
  readonly #onChange: () => void;

  constructor(target: LiveTarget, ledger: Ledger, onChange: () => void = () => undefined) {
    this.name = target.name;
    this.#target = target;
    this.#ledger = ledger;
    this.#onChange = onChange;
  }

  /** Why the destination takes nothing at present; undefined while it does. */
  get blocked(): string | undefined {
    return this.#blocked;
  }

  get busy(): boolean {
    return this.#requests.size > 0;
  }

  follow(trace: FollowedTrace): void {
    const { root } = trace.live;
    if (this.#traces.has(root)) return;
    const { name, format } = this.#target;
    const known = this.#ledger.load(name, root, 'traces', format);
    this.#traces.set(root, new LiveProgress(trace, known));
  }

  forget(root: number): void {
    this.#traces.delete(root);
  }

  /** Spans that wait, over all followed traces. */
  get waiting(): number {
    let count = 0;
    for (const progress of this.#traces.values()) count += progress.waiting;
    return count;
  }

  /** True when every followed trace is closed and the destination has answered for all of it. */
  done(): boolean {
    return [...this.#traces.values()].every((progress) => progress.done);
  }

  isDone(root: number): boolean {
    return this.#traces.get(root)?.done ?? true;
  }

  /**
   * Opens a request when spans are due and none is in flight, or the one that is takes too long. Throws where the
   * ledger cannot be written; nothing is forgotten by that, and it may be called again.
   */
  pump(): void {
    this.#writeAnswers();
    const sender = this.#freeSender();
    if (sender === undefined || (this.#blocked !== undefined && !this.#undecided)) return;
    const batch = this.#gather();
    if (batch.size === 0) return;
    if (this.#undecided && [...batch.values()].flat().length < 2) {
      putBack(batch);
      return;
    }
    this.unblock();
    this.#writeBeforehand(batch);
    const request: Request = {
      sender,
      openedAt: performance.now(),
      answered: this.#send(sender, batch).finally(() => {
        this.#requests.delete(request);
        this.#onChange();
        this.#pumpOn();
      }),
    };
    this.#requests.add(request);
    this.pump();
  }

  /** After an answer. A ledger that cannot be written is the business of whoever pumps next. */
  #pumpOn(): void {
    try {
      this.pump();
    } catch {
      // What is unwritten is kept.
    }
  }

  /** Tries a blocked destination again. */
  unblock(): void {
    this.#blocked = undefined;
    this.#undecided = false;
  }

  /** Resolves when every request in flight has been answered for. */
  async settled(): Promise<void> {
    for (let [request] = this.#requests; request !== undefined; [request] = this.#requests)
      await request.answered;
  }

  #freeSender(): BatchSender<TimedSpan> | undefined {
    const { sender, second, patienceMillis } = this.#target;
    const [first] = this.#requests;
    if (first === undefined) return sender;
    if (second === undefined || patienceMillis === undefined || this.#requests.size > 1)
      return undefined;
    if (performance.now() - first.openedAt < patienceMillis) return undefined;
    return first.sender === sender ? second : sender;
  }

  #gather(): Batch {
    const batch = new Map<LiveProgress, readonly DueSpan[]>();
    let room = Math.max(this.#target.batchItems, this.#undecided ? 2 : 1);
    for (const progress of this.#traces.values()) {
      if (room <= 0) break;
      const before = progress.state;
      const due = progress.take(room);
      if (due.length > 0) batch.set(progress, due);
      else if (progress.state !== before) this.#save(progress);
      room -= due.length;
    }
    return batch;
  }

  /**
   * What a trace is sent with is written down before it goes out for the first time. Each request waits for the disk
   * once, and so for all that was settled before it.
   */
  #writeBeforehand(batch: Batch): void {
    const [first, ...others] = batch.keys();
    try {
      this.#ledger.together(() => {
        for (const progress of others)
          if (this.#saved.get(progress) !== progress.state) this.#save(progress);
        if (first !== undefined) this.#save(first);
      });
    } catch (error) {
      for (const progress of batch.keys()) this.#saved.delete(progress);
      putBack(batch);
      throw error;
    }
  }

  #writeAnswers(): void {
    for (let write = this.#unwritten[0]; write !== undefined; write = this.#unwritten[0]) {
      write();
      this.#unwritten.shift();
    }
  }

  async #send(sender: BatchSender<TimedSpan>, batch: Batch): Promise<void> {
    this.counts.requests++;
    const answer = await sender.send([...batch.values()].flat().map(({ span }) => span));
    this.counts.accepted += answer.accepted;
    this.counts.rejected += answer.rejected;
    this.counts.refused += answer.refused.length;
    const remaining = new Set(answer.remaining);
    const refused = new Set(answer.refused.map(({ item }) => item));
    for (const [progress, items] of batch) {
      progress.answered(items, remaining, refused);
      this.#unwritten.push(() => this.#save(progress, 'saveAnswer'));
    }
    if (answer.refused.length > 0) this.#unwritten.push(() => this.#noteRefused(batch, answer));
    if (answer.state === 'ok') return;
    this.counts.failures++;
    this.#undecided = answer.state === 'undecided';
    if (answer.state === 'blocked' || this.#undecided) this.#blocked = answer.reason ?? 'refused';
  }

  #noteRefused(batch: Batch, answer: BatchResult<TimedSpan>): void {
    for (const { item, status, message } of answer.refused) {
      for (const [progress, items] of batch) {
        if (!items.some(({ span }) => span === item)) continue;
        const { spanId } = item.spanContext();
        const refused = { spanId, status, message: message ?? '' };
        this.#ledger.refuse(this.#target.name, progress.trace.live.root, [refused]);
      }
    }
  }

  #save(progress: LiveProgress, how: 'save' | 'saveAnswer' = 'save'): void {
    const { name, format } = this.#target;
    this.#ledger[how](name, progress.trace.live.root, 'traces', format, progress.state);
    this.#saved.set(progress, progress.state);
  }
}

function putBack(batch: Batch): void {
  for (const [progress, items] of batch)
    progress.answered(items, new Set(items.map(({ span }) => span)), new Set());
}
