import type { BatchSender } from '../exporters/bisecting.ts';
import type { TimedSpan } from '../exporters/encoder.ts';
import type { LiveTrace } from './live-trace.ts';
import type { DeliveryState, Ledger, Profile } from './ports.ts';

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

/** A trace as a destination follows it. */
export interface FollowedTrace {
  readonly live: LiveTrace;
  readonly profile: Profile;
  /** Sent once before the rest, so that the trace can be found; it has no place in the ledger. */
  readonly start?: TimedSpan | undefined;
  /** Spans of earlier, closed segments and of the open one from the store, in their fixed order. */
  replay(segment: number): Iterable<TimedSpan>;
}

export interface LiveCounts {
  accepted: number;
  rejected: number;
  refused: number;
  requests: number;
  failures: number;
}

interface Progress {
  readonly trace: FollowedTrace;
  state: DeliveryState;
  /** The first span is still to be sent. */
  startDue: boolean;
  /** Positions whose request has not been answered. */
  readonly underWay: Set<number>;
  /** Spans of the open replay, when memory no longer holds what is due. */
  replaying: { readonly segment: number; readonly spans: Iterator<TimedSpan>; position: number } | undefined;
}

interface Due {
  readonly progress: Progress;
  readonly span: TimedSpan;
  /** 1 for the first span of the segment; 0 for the span that only tells that the session began. */
  readonly position: number;
}

interface Request {
  readonly sender: BatchSender<TimedSpan>;
  readonly openedAt: number;
  readonly answered: Promise<void>;
}

/**
 * Streams completed spans to one destination: at once when nothing is in flight, gathered meanwhile. Its place in
 * each trace is in the ledger and moves only after an answer.
 */
export class LiveDestination {
  readonly name: string;
  readonly counts: LiveCounts = { accepted: 0, rejected: 0, refused: 0, requests: 0, failures: 0 };
  readonly #target: LiveTarget;
  readonly #ledger: Ledger;
  readonly #traces = new Map<number, Progress>();
  readonly #requests = new Set<Request>();
  #blocked: string | undefined;
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
    if (this.#traces.has(trace.live.root)) return;
    const known = this.#ledger.load(this.#target.name, trace.live.root, 'traces', this.#target.format);
    const state = known ?? emptyState(trace.profile);
    const untouched = state.segment === 1 && state.answered === 0 && state.beyond.length === 0 && !state.complete;
    const startDue = trace.start !== undefined && untouched;
    this.#traces.set(trace.live.root, { trace, state, startDue, underWay: new Set(), replaying: undefined });
  }

  forget(root: number): void {
    this.#traces.delete(root);
  }

  /** Spans that wait, over all followed traces. */
  waiting(): number {
    let count = 0;
    for (const { trace, state } of this.#traces.values()) {
      const ahead = trace.live.segment > state.segment ? trace.live.spanCount : trace.live.spanCount - state.answered;
      count += Math.max(0, ahead);
    }
    return count;
  }

  /** True when every followed trace is closed and the destination has answered for all of it. */
  done(): boolean {
    return [...this.#traces.values()].every(({ trace, state }) => trace.live.closed && state.segment === trace.live.segment && state.complete);
  }

  isDone(root: number): boolean {
    const progress = this.#traces.get(root);
    if (progress === undefined) return true;
    return progress.trace.live.closed && progress.state.segment === progress.trace.live.segment && progress.state.complete;
  }

  /** Opens a request when spans are due and none is in flight, or the one that is takes too long. */
  pump(): void {
    const sender = this.#freeSender();
    if (sender === undefined || this.#blocked !== undefined) return;
    const due = this.#gather();
    if (due.length === 0) return;
    const request: Request = {
      sender,
      openedAt: performance.now(),
      answered: this.#send(sender, due).finally(() => {
        this.#requests.delete(request);
        this.#onChange();
        if (this.#blocked === undefined) this.pump();
      }),
    };
    this.#requests.add(request);
  }

  #freeSender(): BatchSender<TimedSpan> | undefined {
    const { sender, second, patienceMillis } = this.#target;
    const [first] = this.#requests;
    if (first === undefined) return sender;
    if (second === undefined || patienceMillis === undefined || this.#requests.size > 1) return undefined;
    if (performance.now() - first.openedAt < patienceMillis) return undefined;
    return first.sender === sender ? second : sender;
  }

  /** Tries a blocked destination again. */
  unblock(): void {
    this.#blocked = undefined;
  }

  /** Resolves when every request in flight has been answered for. */
  async settled(): Promise<void> {
    for (let [request] = this.#requests; request !== undefined; [request] = this.#requests) await request.answered;
  }

  #gather(): Due[] {
    const due: Due[] = [];
    for (const progress of this.#traces.values()) {
      if (due.length >= this.#target.batchItems) break;
      this.#nextSegment(progress);
      const { start } = progress.trace;
      if (progress.startDue && start !== undefined) {
        progress.startDue = false;
        due.push({ progress, span: start, position: 0 });
      }
      const room = this.#target.batchItems - due.length;
      for (const [span, position] of this.#spansDue(progress, room)) due.push({ progress, span, position });
    }
    return due;
  }

  #nextSegment(progress: Progress): void {
    const { state, trace } = progress;
    if (!state.complete || trace.live.segment <= state.segment) return;
    progress.state = { ...state, segment: state.segment + 1, answered: 0, beyond: [], complete: false };
    progress.replaying = undefined;
  }

  #spansDue(progress: Progress, limit: number): [TimedSpan, number][] {
    const { trace, state } = progress;
    const taken = new Set([...state.beyond, ...progress.underWay]);
    if (trace.live.segment === state.segment) {
      const spans = trace.live.spansFrom(state.answered, limit + taken.size);
      if (spans !== undefined) {
        progress.replaying = undefined;
        return spans.map((span, index): [TimedSpan, number] => [span, state.answered + index + 1]).filter(([, position]) => !taken.has(position)).slice(0, limit);
      }
    }
    return this.#fromStore(progress, taken, limit);
  }

  /** The destination has fallen behind what is in memory: the store is the outbox. */
  #fromStore(progress: Progress, taken: ReadonlySet<number>, limit: number): [TimedSpan, number][] {
    const { trace, state } = progress;
    let replaying = progress.replaying;
    if (replaying === undefined || replaying.segment !== state.segment || replaying.position !== state.answered) {
      replaying = { segment: state.segment, spans: trace.replay(state.segment)[Symbol.iterator](), position: 0 };
    }
    const due: [TimedSpan, number][] = [];
    while (due.length < limit) {
      const next = replaying.spans.next();
      if (next.done === true) {
        replaying = undefined;
        if (due.length === 0 && progress.underWay.size === 0 && state.segment < trace.live.segment) this.#complete(progress);
        break;
      }
      replaying.position++;
      if (replaying.position > state.answered && !taken.has(replaying.position)) due.push([next.value, replaying.position]);
    }
    progress.replaying = replaying;
    return due;
  }

  /** An earlier segment has been answered for to its end. */
  #complete(progress: Progress): void {
    progress.state = { ...progress.state, complete: true };
    this.#save(progress);
  }

  async #send(sender: BatchSender<TimedSpan>, due: readonly Due[]): Promise<void> {
    for (const progress of new Set(due.map((item) => item.progress))) this.#save(progress);
    for (const { progress, position } of due) if (position > 0) progress.underWay.add(position);
    this.counts.requests++;
    const answer = await sender.send(due.map((item) => item.span));
    this.counts.accepted += answer.accepted;
    this.counts.rejected += answer.rejected;
    this.counts.refused += answer.refused.length;
    const remaining = new Set(answer.remaining);
    const byTrace = groupByTrace(due);
    const refused = new Set(answer.refused.map(({ item }) => item));
    for (const [progress, items] of byTrace) this.#move(progress, items, remaining, refused);
    this.#noteRefused(due, answer);
    if (answer.state !== 'ok') {
      this.counts.failures++;
      if (answer.state === 'blocked') this.#blocked = answer.reason ?? 'refused';
    }
  }

  #move(progress: Progress, items: readonly Due[], remaining: ReadonlySet<TimedSpan>, refused: ReadonlySet<TimedSpan>): void {
    for (const { position, span } of items) {
      progress.underWay.delete(position);
      if (position === 0 && remaining.has(span)) progress.startDue = true;
    }
    const settled = items.filter((item) => item.position > 0 && !remaining.has(item.span));
    const answeredNow = new Set([...progress.state.beyond, ...settled.map((item) => item.position)]);
    let { answered } = progress.state;
    while (answeredNow.delete(answered + 1)) answered++;
    const { live } = progress.trace;
    const complete = live.segment === progress.state.segment && live.closed && answered >= live.spanCount;
    const refusedHere = settled.filter((item) => refused.has(item.span)).length;
    progress.state = {
      ...progress.state,
      answered,
      beyond: [...answeredNow].sort((a, b) => a - b),
      complete,
      accepted: progress.state.accepted + settled.length - refusedHere,
      refused: progress.state.refused + refusedHere,
    };
    if (progress.replaying !== undefined && answeredNow.size > 0) progress.replaying = undefined;
    this.#save(progress);
  }

  #noteRefused(due: readonly Due[], answer: Awaited<ReturnType<BatchSender<TimedSpan>['send']>>): void {
    for (const { item, status, message } of answer.refused) {
      const owner = due.find((candidate) => candidate.span === item);
      if (owner === undefined) continue;
      this.#ledger.refuse(this.#target.name, owner.progress.trace.live.root, [{ spanId: item.spanContext().spanId, status, message: message ?? '' }]);
    }
  }

  #save(progress: Progress): void {
    this.#ledger.save(this.#target.name, progress.trace.live.root, 'traces', this.#target.format, progress.state);
  }
}

function groupByTrace(due: readonly Due[]): Map<Progress, Due[]> {
  const groups = new Map<Progress, Due[]>();
  for (const item of due) {
    const group = groups.get(item.progress);
    if (group === undefined) groups.set(item.progress, [item]);
    else group.push(item);
  }
  return groups;
}

function emptyState(profile: Profile): DeliveryState {
  return { profile, segment: 1, answered: 0, beyond: [], complete: false, accepted: 0, rejected: 0, refused: 0 };
}
