import type { TimedSpan } from '../exporters/encoder.ts';
import { operationKindOf, type SessionEvent } from '../session/event.ts';
import type { OpenOperation } from '../session/open-operation.ts';
import type { SessionTotals } from '../session/session.ts';
import type { SessionFacts } from '../session/session-facts.ts';
import type { LiveTraceOptions, LiveTracePorts } from './live-trace-ports.ts';
import { ReachedPositions } from './reached-positions.ts';
import { SegmentFold } from './segment-fold.ts';

/** Others get their turn after so many. */
const PAGES_AT_ONCE = 4;

/** What is to be settled. */
interface Wanted {
  readonly operations: readonly string[];
  /** The whole segment. */
  readonly close: boolean;
}

/**
 * Follows one trace: settles operations as they complete and keeps its newest spans in their final order. Others may
 * settle and close segments of it meanwhile; what they wrote counts. Time enters only through `now` (milliseconds,
 * monotonic), and only to decide when to settle, never what a span says.
 */
export class LiveTrace {
  readonly root: number;
  readonly sessionId: string;
  readonly #ports: LiveTracePorts;
  readonly #options: LiveTraceOptions;
  #fold: SegmentFold;
  #wanted: Wanted | undefined;
  /** What is wanted stands in the store, if the transaction succeeds. */
  #isWritten = false;
  #closeAsked = false;
  /** Where the segment was closed. */
  #closedThrough: number | undefined;
  #over = false;
  /** After the segment was closed only late facts came up to here. */
  #lateThrough = 0;
  #newestSeq = 0;
  #lastFactAt = 0;
  #hooksSeen = false;
  readonly #reached = new ReachedPositions();
  #behind = false;

  constructor(ports: LiveTracePorts, options: LiveTraceOptions) {
    this.#ports = ports;
    this.#options = options;
    this.root = options.root;
    this.sessionId = options.rootSession;
    this.#fold = new SegmentFold(ports, options, ports.openSegment());
  }

  /** Number of the segment whose spans are kept. */
  get segment(): number {
    return this.#fold.n;
  }

  /** How many spans of the segment exist, its root included once it is closed. */
  get spanCount(): number {
    return this.#fold.kept.made;
  }

  /** The segment's root is among its spans: nothing more will come in it. */
  get closed(): boolean {
    return this.#closedThrough !== undefined;
  }

  /** The session does not go on as far as can be told, and its root is made or will be as soon as that is written down. */
  get over(): boolean {
    return this.#over || this.#wanted?.close === true;
  }

  get openOperations(): readonly OpenOperation[] {
    return this.#fold.openOperations;
  }

  /** What the facts of the segment say about the session so far. */
  get session(): SessionFacts {
    return this.#fold.session;
  }

  /** What the segment's settled operations come to so far; texts in it are not redacted. */
  get totals(): SessionTotals {
    return this.#fold.totals;
  }

  /** Spans from a position on, at most `limit`; undefined when they are no longer in memory. */
  spansFrom(position: number, limit: number): readonly TimedSpan[] | undefined {
    return this.#fold.kept.between(position, Math.min(position + limit, this.spanCount));
  }

  /** Spans in memory. */
  get keptCount(): number {
    return this.#fold.kept.count;
  }

  /** Operations that become spans in memory as soon as that is written down. */
  get wantedCount(): number {
    return this.#wanted?.operations.length ?? 0;
  }

  /** Forgets the spans in memory; who has not sent them yet reads the store again. */
  release(): void {
    this.#fold.kept.release();
  }

  /** There is more than {@link advance} took in at once, or may be: a segment has just been closed. */
  get behind(): boolean {
    return this.#behind;
  }

  /** Takes in what is new, a few pages at most, and decides what is complete. */
  advance(now: number): void {
    this.#wanted = undefined;
    if (this.closed && !this.#startNext()) {
      this.#behind = false;
      this.#over ||= this.#isIdle(now);
      return;
    }
    for (let pages = 0; pages < PAGES_AT_ONCE; pages++) {
      const end = this.#takePage(now);
      const fold = this.#fold;
      if (fold.isStale || fold.cursor > end) {
        this.#fold = new SegmentFold(this.#ports, this.#options, fold, fold.told);
        this.#behind = true;
      } else if (!this.#behind && end !== Number.POSITIVE_INFINITY) {
        // An export makes the root of a session that only rests.
        this.#finish(end, fold.ended || this.#closeAsked);
        return;
      }
      if (!this.#behind && !fold.isWaiting) break;
    }
    // What was taken in once and is folded again tells nothing about what is complete before its end.
    if (!this.#fold.isWaiting && this.#fold.cursor >= this.#newestSeq) this.#decide(now);
  }

  /** Something is to be settled and written down before its spans can be seen. */
  get unwritten(): boolean {
    return this.#wanted !== undefined;
  }

  /**
   * Writes it, inside the caller's transaction; {@link written} says that this has succeeded. Writes nothing where others
   * have settled what is not known here: that is taken in first.
   */
  write(): void {
    this.#isWritten = false;
    const fold = this.#fold;
    if (this.#wanted === undefined || this.#ports.closedThrough(fold.n) !== undefined) return;
    fold.follow();
    if (fold.isStale || fold.isWaiting) return;
    this.#ports.settle(fold.n, this.#wanted.operations, fold.cursor);
    if (this.#wanted.close) this.#ports.closeSegment(fold.n, fold.cursor);
    this.#isWritten = true;
  }

  written(): void {
    if (!this.#isWritten) return;
    this.#isWritten = false;
    const isClosed = this.#wanted?.close === true;
    this.#wanted = undefined;
    this.#fold.follow();
    if (isClosed) this.#finish(this.#fold.cursor, true);
  }

  /** Has everything settled and the root made: the session ended, was killed, or nothing came for long. */
  close(): void {
    if (this.closed || this.#fold.isOnlyLate) return;
    this.#closeAsked = true;
    const operations = this.openOperations.map(({ operationId }) => operationId);
    this.#wanted = { operations, close: true };
  }

  /** Returns where the segment was closed, infinity while it is open. */
  #takePage(now: number): number {
    const fold = this.#fold;
    const page = this.#ports.read(fold.cursor);
    // Looked for after the facts: what was settled or closed before one of them was recorded is found.
    const end = this.#ports.closedThrough(fold.n) ?? Number.POSITIVE_INFINITY;
    fold.findSettled();
    for (const { event, firstSeq } of page) {
      if (event.seq > end) break;
      this.#note(event, now);
      fold.take(event, firstSeq);
    }
    fold.follow();
    // Who records may be faster than we are: what came since is left to the next time.
    this.#behind = page.length >= this.#ports.pageEvents && page.at(-1)!.event.seq < end;
    return end;
  }

  #note({ seq, capture, kind }: SessionEvent, now: number): void {
    if (seq <= this.#newestSeq) return;
    this.#newestSeq = seq;
    this.#lastFactAt = now;
    this.#reached.reached(seq, now);
    // Some agents' hooks tell of the session only: waiting for what they never say would hold every call up.
    if (capture === 'hook' && operationKindOf(kind) === 'tool_call') this.#hooksSeen = true;
  }

  #decide(now: number): void {
    if (!this.#behind && (this.#closeAsked || this.#shouldClose(now))) {
      this.close();
      return;
    }
    const context = {
      hooksSeen: this.#hooksSeen,
      quietSeq: this.#reached.before(now - this.#options.quietMillis),
      settledSeq: this.#reached.before(now - this.#options.containerMillis),
    };
    const operations = this.#fold.complete(context, !this.#behind);
    if (operations.length > 0) this.#wanted = { operations, close: false };
  }

  #finish(throughSeq: number, isOver: boolean): void {
    this.#fold.finish();
    this.#closedThrough = throughSeq;
    this.#over = isOver;
    this.#lateThrough = Math.max(this.#lateThrough, throughSeq);
    this.#closeAsked = false;
    this.#behind = true;
  }

  /** A closed segment is followed by another one when operations begin after it. */
  #startNext(): boolean {
    const afterSeq = this.#closedThrough!;
    for (;;) {
      const page = this.#ports.read(this.#lateThrough);
      const last = page.at(-1);
      if (last === undefined) return false;
      const isNew = page.some(
        ({ event, firstSeq }) => firstSeq > afterSeq && !event.kind.startsWith('session_'),
      );
      if (isNew) break;
      this.#lateThrough = last.event.seq;
    }
    const start = { n: this.#fold.n + 1, afterSeq };
    const told = { count: 0, isKnown: false };
    this.#fold = new SegmentFold(this.#ports, this.#options, start, told);
    this.#closedThrough = undefined;
    this.#over = false;
    return true;
  }

  #shouldClose(now: number): boolean {
    const fold = this.#fold;
    if (fold.cursor === fold.afterSeq || fold.isOnlyLate) return false;
    return fold.ended || this.#isIdle(now);
  }

  #isIdle(now: number): boolean {
    const sinceFact = now - this.#lastFactAt;
    return (
      sinceFact >= this.#options.idleMillis ||
      (sinceFact >= this.#options.quietMillis && this.#isOld())
    );
  }

  /** A session found after the fact: its last event lies longer back than the idle time. */
  #isOld(): boolean {
    const { endMicros } = this.session;
    return Date.now() - endMicros / 1000 >= this.#options.idleMillis;
  }
}
