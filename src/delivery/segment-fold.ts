import { type Assembler, createAssembler } from '../session/assembler.ts';
import { type CompletionContext, isSettled, LaneOrder } from '../session/completion.ts';
import type { SessionEvent } from '../session/event.ts';
import type { OpenOperation } from '../session/open-operation.ts';
import type { Operation } from '../session/operation.ts';
import type { SessionTotals } from '../session/session.ts';
import type { SessionFacts } from '../session/session-facts.ts';
import { createTotals, type TotalsCollector } from '../session/totals.ts';
import { KeptSpans } from './kept-spans.ts';
import type {
  LiveTraceOptions,
  LiveTracePorts,
  SegmentSpans,
  SettledOperation,
} from './live-trace-ports.ts';

/** While more is there than was taken in, an operation is complete only so many facts later. */
const SEQ_LAG = 200;

/** Where a segment begins. */
export interface SegmentStart {
  readonly n: number;
  /** Operations that began after this belong to it. */
  readonly afterSeq: number;
}

/** How far a fold that is given up had told what came out of it. */
export interface Told {
  readonly count: number;
  /** Nothing but what an earlier run had settled. */
  readonly isKnown: boolean;
}

/**
 * One segment of a trace as far as its facts were taken in. Operations come out in the order in which they were settled,
 * by whichever process: the rows of the store are the only order, and the same for all who follow the trace.
 */
export class SegmentFold {
  readonly n: number;
  readonly afterSeq: number;
  readonly kept: KeptSpans;
  readonly #ports: LiveTracePorts;
  readonly #options: LiveTraceOptions;
  readonly #assembler: Assembler;
  readonly #totals: TotalsCollector = createTotals();
  readonly #spans: SegmentSpans;
  readonly #lanes = new LaneOrder();
  readonly #told: number;
  #cursor: number;
  /** Settled, as far as that is known, and not come out. */
  #rows: SettledOperation[] = [];
  #lastOrdinal = 0;
  /** Came out of the assembler ahead of their turn. */
  readonly #early = new Map<string, Operation>();
  #count = 0;
  #isKnown: boolean;
  #endedAtMicros: number | undefined;
  #begun = false;
  #stale = false;

  constructor(
    ports: LiveTracePorts,
    options: LiveTraceOptions,
    start: SegmentStart,
    told: Told = { count: 0, isKnown: true },
  ) {
    this.#ports = ports;
    this.#options = options;
    this.n = start.n;
    this.afterSeq = start.afterSeq;
    this.#cursor = start.afterSeq;
    this.#told = told.count;
    this.#isKnown = told.isKnown;
    this.kept = new KeptSpans(options.keptSpans);
    this.#spans = ports.spans(start.n);
    this.#assembler = createAssembler({
      rootSession: options.rootSession,
      settledThrough: (id) => ports.settledThrough(id),
    });
  }

  /** Position of the newest fact that was taken in. */
  get cursor(): number {
    return this.#cursor;
  }

  /** The session ended, and nothing is known that happened later. */
  get ended(): boolean {
    return this.#endedAtMicros !== undefined;
  }

  /** After a root that was sent only late facts came: they make no further one. */
  get isOnlyLate(): boolean {
    return this.n > 1 && !this.#begun;
  }

  /** Somebody who knew less settled what later facts are folded into already: it has to be folded again. */
  get isStale(): boolean {
    return this.#stale;
  }

  /** Somebody settled through a fact that was not taken in yet. */
  get isWaiting(): boolean {
    return this.#rows.length > 0;
  }

  /** For the fold that takes the place of this one. */
  get told(): Told {
    return { count: Math.max(this.#count, this.#told), isKnown: this.#isKnown };
  }

  get openOperations(): readonly OpenOperation[] {
    return this.#assembler.open();
  }

  get session(): SessionFacts {
    return this.#assembler.session();
  }

  get totals(): SessionTotals {
    return this.#totals.finish(this.session, Number.POSITIVE_INFINITY);
  }

  /** Takes in the next fact; {@link findSettled} was called after it had been read. */
  take(event: SessionEvent, firstSeq: number): void {
    this.#comeOut(event.seq - 1);
    this.#cursor = event.seq;
    const ofSession = event.kind.startsWith('session_');
    if (event.kind === 'session_end') this.#endedAtMicros = event.atMicros;
    // A hook tells the end at once, the transcript's last lines are read a moment later.
    else if (!ofSession && event.atMicros > (this.#endedAtMicros ?? 0))
      this.#endedAtMicros = undefined;
    if (!ofSession && firstSeq <= this.afterSeq) return;
    if (!ofSession) this.#begun = true;
    this.#lanes.saw(event);
    for (const operation of this.#assembler.accept(event)) this.#early.set(operation.id, operation);
  }

  /** Looks what was settled since, by this process or another. */
  findSettled(): void {
    if (this.#rows.length > 0) return;
    this.#rows = [...this.#ports.settledAfter(this.n, this.#lastOrdinal)];
    const last = this.#rows.at(-1);
    if (last === undefined) this.#isKnown = false;
    else this.#lastOrdinal = last.ordinal;
  }

  /** Lets come out what was settled through the facts that were taken in. */
  follow(): void {
    this.findSettled();
    this.#comeOut(this.#cursor);
  }

  /** Open operations that are complete, in the order in which they are to be settled. */
  complete(context: Omit<CompletionContext, 'superseded'>, caughtUp: boolean): string[] {
    return this.openOperations
      .filter((operation) => caughtUp || this.#cursor - operation.lastSeq > SEQ_LAG)
      .filter((operation) =>
        isSettled(operation, {
          ...context,
          superseded: this.#lanes.isSuperseded(operation.operationId),
        }),
      )
      .sort((a, b) => a.lastSeq - b.lastSeq || (a.operationId < b.operationId ? -1 : 1))
      .map(({ operationId }) => operationId);
  }

  /** Makes the root of a segment that was closed. */
  finish(): void {
    this.#comeOut(Number.POSITIVE_INFINITY);
    const rest = this.openOperations;
    for (const { operationId } of rest)
      this.#emit(this.#assembler.settle(operationId), this.#cursor);
    this.kept.add(this.#spans.finish(this.#ports.totals(this.totals)));
    // What was closed without settling each operation comes in an order that only the whole segment shows.
    if (rest.length > 0) this.kept.release();
  }

  #comeOut(throughSeq: number): void {
    for (;;) {
      const row = this.#rows[0];
      if (row === undefined || row.throughSeq > throughSeq || this.#stale) return;
      const { operation: id } = row;
      this.#stale = this.#assembler.goesBeyond(id, row.throughSeq);
      if (this.#stale) return;
      this.#rows.shift();
      this.#lanes.forget(id);
      this.#emit(this.#early.get(id) ?? this.#assembler.settle(id), row.throughSeq);
      this.#early.delete(id);
      this.findSettled();
    }
  }

  #emit(operation: Operation | undefined, throughSeq: number): void {
    if (operation === undefined) return;
    const processed = this.#ports.process(operation);
    this.#totals.operation(processed);
    const { onOperation, startedAtSeq = Number.POSITIVE_INFINITY } = this.#options;
    const isKnown = this.#isKnown && throughSeq <= startedAtSeq;
    if (++this.#count > this.#told) onOperation?.(processed, isKnown);
    this.kept.add(this.#spans.operation(processed));
  }
}
