import type { TimedSpan } from '../exporters/encoder.ts';
import type { LiveTrace } from './live-trace.ts';
import type { DeliveryState, Profile } from './ports.ts';
import { freshState } from './segments.ts';

/** A trace followed by a destination. */
export interface FollowedTrace {
  readonly live: LiveTrace;
  readonly profile: Profile;
  /** Sent once before everything else, so that the trace can be found; it has no position in the ledger. */
  readonly start?: TimedSpan | undefined;
  /** Spans of a closed segment or of the open one, from the store, in their fixed order. */
  replay(segment: number): Iterable<TimedSpan>;
  /** True once its events have turned out to be damaged in the store; what is replayed then ends early. */
  isDamaged(): boolean;
}

/** A span to be sent, or in flight. */
export interface DueSpan {
  readonly span: TimedSpan;
  /** 1 for the first span of the segment; 0 for the one that only announces the session. */
  readonly position: number;
}

interface Replaying {
  readonly segment: number;
  readonly spans: Iterator<TimedSpan>;
  position: number;
}

/** How much of one trace one destination has accepted, and what is due next. */
export class LiveProgress {
  readonly trace: FollowedTrace;
  #state: DeliveryState;
  #startDue: boolean;
  /** Positions of spans in flight. */
  readonly #underWay = new Set<number>();
  /** Spans read from the store, when those due are no longer in memory. */
  #replaying: Replaying | undefined;

  /** `known`: state in the ledger from an earlier run. */
  constructor(trace: FollowedTrace, known: DeliveryState | undefined) {
    this.trace = trace;
    this.#state = known ?? freshState(trace.profile);
    const { segment, answered, beyond, complete } = this.#state;
    const untouched = segment === 1 && answered === 0 && beyond.length === 0 && !complete;
    this.#startDue = trace.start !== undefined && untouched;
  }

  /** State to write to the ledger. */
  get state(): DeliveryState {
    return this.#state;
  }

  /** Number of spans without an answer. */
  get waiting(): number {
    const { live } = this.trace;
    const { segment, answered } = this.#state;
    return Math.max(0, live.segment > segment ? live.spanCount : live.spanCount - answered);
  }

  /** True when a span of the trace has no answer, or is about to be made. */
  isOwed(): boolean {
    this.#nextSegment();
    return this.waiting > 0 || this.trace.live.unwritten;
  }

  /** True when the trace is closed and all of it has been answered for. */
  get done(): boolean {
    const { live } = this.trace;
    return live.closed && this.#state.segment === live.segment && this.#state.complete;
  }

  /** Returns the next spans to send, at most `limit`, which are in flight from then on. */
  take(limit: number): DueSpan[] {
    this.#nextSegment();
    const due: DueSpan[] = [];
    const { start } = this.trace;
    if (this.#startDue && start !== undefined) {
      this.#startDue = false;
      due.push({ span: start, position: 0 });
    }
    due.push(...this.#spansDue(limit - due.length));
    for (const { position } of due) if (position > 0) this.#underWay.add(position);
    return due;
  }

  /** Records the answer for spans in flight; `remaining` ones had none and are due again. */
  answered(
    items: readonly DueSpan[],
    remaining: ReadonlySet<TimedSpan>,
    refused: ReadonlySet<TimedSpan>,
  ): void {
    for (const { position, span } of items) {
      this.#underWay.delete(position);
      if (position === 0 && remaining.has(span)) this.#startDue = true;
    }
    const settled = items.filter((item) => item.position > 0 && !remaining.has(item.span));
    const beyond = new Set([...this.#state.beyond, ...settled.map(({ position }) => position)]);
    let { answered } = this.#state;
    while (beyond.delete(answered + 1)) answered++;
    const { live } = this.trace;
    const refusedHere = settled.filter(({ span }) => refused.has(span)).length;
    this.#state = {
      ...this.#state,
      answered,
      beyond: [...beyond].sort((a, b) => a - b),
      complete: live.segment === this.#state.segment && live.closed && answered >= live.spanCount,
      accepted: this.#state.accepted + settled.length - refusedHere,
      refused: this.#state.refused + refusedHere,
    };
  }

  #nextSegment(): void {
    const { live } = this.trace;
    if (!this.#state.complete || live.segment <= this.#state.segment) return;
    const segment = this.#state.segment + 1;
    this.#state = { ...this.#state, segment, answered: 0, beyond: [], complete: false };
    this.#replaying = undefined;
  }

  #spansDue(limit: number): DueSpan[] {
    const { live } = this.trace;
    const { segment, answered, beyond } = this.#state;
    const taken = new Set([...beyond, ...this.#underWay]);
    if (live.segment === segment) {
      const spans = live.spansFrom(answered, limit + taken.size);
      if (spans !== undefined) {
        this.#replaying = undefined;
        return spans
          .map((span, index) => ({ span, position: answered + index + 1 }))
          .filter(({ position }) => !taken.has(position))
          .slice(0, limit);
      }
    }
    return this.#fromStore(taken, limit);
  }

  /** Reads the due spans from the store, because they are no longer in memory. */
  #fromStore(taken: ReadonlySet<number>, limit: number): DueSpan[] {
    const { segment, answered } = this.#state;
    const replaying = this.#replayFrom(segment, answered);
    // An iterator that has thrown would seem to be at its end.
    this.#replaying = undefined;
    const due: DueSpan[] = [];
    while (due.length < limit) {
      const next = replaying.spans.next();
      if (next.done === true) {
        // A closed segment with nothing left to send has been answered for completely.
        const over = due.length === 0 && this.#underWay.size === 0 && !this.trace.isDamaged();
        if (over && (segment < this.trace.live.segment || this.trace.live.closed))
          this.#state = { ...this.#state, complete: true };
        return due;
      }
      replaying.position++;
      const { position } = replaying;
      if (position > answered && !taken.has(position)) due.push({ span: next.value, position });
    }
    this.#replaying = replaying;
    return due;
  }

  #replayFrom(segment: number, answered: number): Replaying {
    const known = this.#replaying;
    if (known !== undefined && known.segment === segment && known.position === answered)
      return known;
    return { segment, spans: this.trace.replay(segment)[Symbol.iterator](), position: 0 };
  }
}
