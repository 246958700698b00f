import type { TimedSpan } from '../exporters/encoder.ts';
import { type Assembler, createAssembler, type OpenOperation } from '../session/assembler.ts';
import { isSettled, LaneOrder } from '../session/completion.ts';
import type { SessionEvent } from '../session/event.ts';
import type { Operation } from '../session/operation.ts';
import type { SessionTotals } from '../session/session.ts';
import type { SessionFacts } from '../session/session-facts.ts';
import { createTotals, type TotalsCollector } from '../session/totals.ts';
import type {
  LiveTraceOptions,
  LiveTracePorts,
  SegmentSpans,
  SettledOperation,
} from './live-trace-ports.ts';
import { ReachedPositions } from './reached-positions.ts';

const KEPT_SPANS = 2000;
const SEQ_LAG = 200;
/** Others get their turn after so many. */
const PAGES_AT_ONCE = 4;

/**
 * Follows one trace: settles operations as they complete and keeps its newest spans in their final order. Time
 * enters only through `now` (milliseconds, monotonic), and only to decide when to settle, never what a span says.
 */
export class LiveTrace {
  readonly root: number;
  readonly sessionId: string;
  readonly #ports: LiveTracePorts;
  readonly #options: LiveTraceOptions;
  #segment!: { readonly n: number; readonly afterSeq: number };
  #assembler!: Assembler;
  #totals!: TotalsCollector;
  #spans!: SegmentSpans;
  #lanes!: LaneOrder;
  #pendingSettled: SettledOperation[] = [];
  readonly #early = new Map<string, Operation>();
  #hooksSeen = false;
  #cursor = 0;
  /** After the segment was closed only late facts came up to here. */
  #lateThrough = 0;
  readonly #reached = new ReachedPositions();
  #kept: TimedSpan[] = [];
  #keptFrom = 0;
  #lastFactAt = 0;
  #ended = false;
  #closed = false;
  /** Something began in the segment. */
  #begun = false;
  /** What was settled since it was last written down: how to write it, and where each operation ends. */
  #writes: (() => void)[] = [];
  readonly #settledNow = new Map<string, number>();
  #released = 0;
  #behind = false;

  constructor(ports: LiveTracePorts, options: LiveTraceOptions) {
    this.#ports = ports;
    this.#options = options;
    this.root = options.root;
    this.sessionId = options.rootSession;
    this.#begin();
  }

  /** Number of the segment whose spans are kept. */
  get segment(): number {
    return this.#segment.n;
  }

  /** How many spans of the segment exist, its root included once it is closed. */
  get spanCount(): number {
    return this.unwritten ? this.#released : this.#made;
  }

  get #made(): number {
    return this.#keptFrom + this.#kept.length;
  }

  /** The segment's root is among its spans: nothing more will come in it. */
  get closed(): boolean {
    return this.#closed && !this.unwritten;
  }

  /** The root was made; what remains is to write that down. */
  get over(): boolean {
    return this.#closed;
  }

  get openOperations(): readonly OpenOperation[] {
    return this.#assembler.open();
  }

  /** What the facts of the segment say about the session so far. */
  get session(): SessionFacts {
    return this.#assembler.session();
  }

  /** What the segment's settled operations come to so far; texts in it are not redacted. */
  get totals(): SessionTotals {
    return this.#totals.finish(this.session, Number.POSITIVE_INFINITY);
  }

  /** Spans from a position on, at most `limit`; undefined when they are no longer in memory. */
  spansFrom(position: number, limit: number): readonly TimedSpan[] | undefined {
    if (position < this.#keptFrom) return undefined;
    const end = Math.min(position + limit, this.spanCount);
    return this.#kept.slice(position - this.#keptFrom, end - this.#keptFrom);
  }

  /** There is more than {@link advance} took in at once. */
  get behind(): boolean {
    return this.#behind;
  }

  /** Takes in what is new, a few pages at most, and settles what is complete. */
  advance(now: number): void {
    if (this.unwritten || (this.#closed && !this.#startNext())) return;
    for (let pages = 0; pages < PAGES_AT_ONCE; pages++) {
      const page = this.#ports.read(this.#cursor);
      for (const { event, firstSeq } of page) this.#take(event, firstSeq, now);
      this.#settleKnown();
      // Who records may be faster than we are: what came since is left to the next time.
      this.#behind = page.length >= this.#ports.pageEvents;
      if (this.#pendingSettled.length === 0) this.#settleComplete(now, !this.#behind);
      if (!this.#behind) break;
    }
    if (!this.#behind && this.#pendingSettled.length === 0 && this.#shouldClose(now))
      this.close(this.#ended ? undefined : 'idle');
  }

  /** What was settled has to be written down before its spans can be seen. */
  get unwritten(): boolean {
    return this.#writes.length > 0;
  }

  /** Writes it, inside the caller's transaction; {@link written} says that this has succeeded. */
  write(): void {
    for (const write of this.#writes) write();
  }

  written(): void {
    this.#writes = [];
    this.#settledNow.clear();
  }

  /** Settles everything and makes the root: the session ended, was killed, or nothing came for long. */
  close(_reason: string | undefined): void {
    if (this.#closed || this.#isOnlyLate()) return;
    const open = this.#assembler.open().map((operation) => operation.operationId);
    this.#settle(open);
    const { n } = this.#segment;
    const through = this.#cursor;
    this.#toWrite(() => this.#ports.closeSegment(n, through));
    this.#keep(this.#spans.finish(this.#ports.totals(this.totals)));
    this.#closed = true;
  }

  #begin(): void {
    this.#segment = this.#ports.openSegment();
    this.#cursor = this.#segment.afterSeq;
    this.#lateThrough = this.#segment.afterSeq;
    this.#pendingSettled = [...this.#ports.settledAfter(this.#segment.n, 0)];
    this.#assembler = createAssembler({
      rootSession: this.sessionId,
      settledThrough: (id) => this.#settledNow.get(id) ?? this.#ports.settledThrough(id),
    });
    this.#totals = createTotals();
    this.#spans = this.#ports.spans(this.#segment.n);
    this.#lanes = new LaneOrder();
    this.#kept = [];
    this.#keptFrom = 0;
    this.#closed = false;
    this.#ended = false;
    this.#begun = false;
  }

  /** A closed segment is followed by another one when operations begin after it. */
  #startNext(): boolean {
    for (;;) {
      const page = this.#ports.read(Math.max(this.#cursor, this.#lateThrough));
      const last = page.at(-1);
      if (last === undefined) return false;
      if (
        page.some(
          ({ event, firstSeq }) => firstSeq > this.#cursor && !event.kind.startsWith('session_'),
        )
      )
        break;
      this.#lateThrough = last.event.seq;
    }
    this.#begin();
    return true;
  }

  #take(event: SessionEvent, firstSeq: number, now: number): void {
    this.#cursor = event.seq;
    this.#lastFactAt = now;
    this.#reached.reached(event.seq, now);
    if (event.capture === 'hook') this.#hooksSeen = true;
    if (event.kind === 'session_end') this.#ended = true;
    else if (!event.kind.startsWith('session_')) this.#ended = false;
    const inside = firstSeq > this.#segment.afterSeq || event.kind.startsWith('session_');
    if (!inside) return;
    if (!event.kind.startsWith('session_')) this.#begun = true;
    this.#lanes.saw(event);
    for (const operation of this.#assembler.accept(event)) this.#early.set(operation.id, operation);
  }

  /** After a restart: what was settled before comes out again, in the same order. */
  #settleKnown(): void {
    while (
      this.#pendingSettled[0] !== undefined &&
      this.#pendingSettled[0].throughSeq <= this.#cursor
    ) {
      const { operation: id, ordinal } = this.#pendingSettled.shift()!;
      if (this.#pendingSettled.length === 0)
        this.#pendingSettled = [...this.#ports.settledAfter(this.#segment.n, ordinal)];
      const operation = this.#early.get(id) ?? this.#assembler.settle(id);
      this.#early.delete(id);
      if (operation !== undefined) this.#emit(operation, true);
    }
  }

  #settleComplete(now: number, caughtUp: boolean): void {
    const context = {
      hooksSeen: this.#hooksSeen,
      quietSeq: this.#reached.before(now - this.#options.quietMillis),
      settledSeq: this.#reached.before(now - this.#options.containerMillis),
    };
    const ready = this.#assembler
      .open()
      .filter((operation) => caughtUp || this.#cursor - operation.lastSeq > SEQ_LAG)
      .filter((operation) =>
        isSettled(operation, {
          ...context,
          superseded: this.#lanes.isSuperseded(operation.operationId),
        }),
      )
      .sort((a, b) => a.lastSeq - b.lastSeq || (a.operationId < b.operationId ? -1 : 1));
    if (ready.length > 0) this.#settle(ready.map((operation) => operation.operationId));
  }

  #toWrite(write: () => void): void {
    if (!this.unwritten) this.#released = this.#made;
    this.#writes.push(write);
  }

  #settle(ids: readonly string[]): void {
    if (ids.length === 0) return;
    const { n } = this.#segment;
    const through = this.#cursor;
    this.#toWrite(() => this.#ports.settle(n, ids, through));
    for (const id of ids) {
      this.#settledNow.set(id, through);
      this.#lanes.forget(id);
      const operation = this.#assembler.settle(id);
      if (operation !== undefined) this.#emit(operation, false);
    }
  }

  #emit(operation: Operation, isKnown: boolean): void {
    const processed = this.#ports.process(operation);
    this.#totals.operation(processed);
    this.#options.onOperation?.(processed, isKnown);
    this.#keep(this.#spans.operation(processed));
  }

  #keep(spans: readonly TimedSpan[]): void {
    this.#kept.push(...spans);
    const keep = this.#options.keptSpans ?? KEPT_SPANS;
    if (this.#kept.length <= keep * 2) return;
    const dropped = this.#kept.length - keep;
    this.#kept = this.#kept.slice(dropped);
    this.#keptFrom += dropped;
  }

  /** After a root that was sent only late facts came: they make no further one. */
  #isOnlyLate(): boolean {
    return this.#segment.n > 1 && !this.#begun;
  }

  #shouldClose(now: number): boolean {
    if (this.#cursor === this.#segment.afterSeq || this.#isOnlyLate()) return false;
    if (this.#ended) return true;
    const sinceFact = now - this.#lastFactAt;
    return (
      sinceFact >= this.#options.idleMillis ||
      (sinceFact >= this.#options.quietMillis && this.#isOld())
    );
  }

  /** A session found after the fact: its last event lies longer back than the idle time. */
  #isOld(): boolean {
    const { endMicros } = this.#assembler.session();
    return Date.now() - endMicros / 1000 >= this.#options.idleMillis;
  }
}
