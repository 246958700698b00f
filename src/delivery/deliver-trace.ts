import type { BatchSender } from '../exporters/bisecting.ts';
import type { TimedSpan } from '../exporters/encoder.ts';
import type { DeliveryState, Ledger, Profile, Segment } from './ports.ts';

/** A recorded trace as delivery sees it. */
export interface DeliverableTrace {
  /** The store's number of the trace. */
  readonly root: number;
  readonly sessionId: string;
  /** Position of its newest fact. */
  readonly newestSeq: number;
  /** Something may still be going on; only what was settled before is sent. */
  readonly running: boolean;
  /** Operations began after the position, so that a further segment is due. */
  hasNewOperations(afterSeq: number): boolean;
  /** The segment's spans in their fixed order, its root last. */
  spans(segment: Segment, profile: Profile): Iterable<TimedSpan>;
}

export interface DeliveryTarget {
  /** Name of the destination in the ledger. */
  readonly name: string;
  readonly format: string;
  readonly sender: BatchSender<TimedSpan>;
  readonly batchItems: number;
}

export interface DeliverOptions {
  readonly force: boolean;
  readonly signal: AbortSignal;
  readonly onProgress?: ((spans: number) => void) | undefined;
}

export type TraceStop = 'sent' | 'nothing_new' | 'running' | 'blocked' | 'retry_exhausted' | 'aborted';

/** What became of one trace at one destination, in this run. */
export interface TraceResult {
  readonly sessionId: string;
  readonly stop: TraceStop;
  readonly accepted: number;
  readonly rejected: number;
  readonly refused: readonly { readonly spanId: string; readonly name: string; readonly status: number; readonly message: string }[];
  readonly messages: readonly string[];
  readonly reason?: string | undefined;
  /** Settings of this run that differ from those the trace was first sent with. */
  readonly changedSettings: readonly string[];
  /** Facts came after the spans had been settled; they are sent with `--force` only. */
  readonly changedSinceDelivery: boolean;
}

interface Tally {
  accepted: number;
  rejected: number;
  readonly refused: TraceResult['refused'][number][];
  readonly messages: string[];
}

/**
 * Sends what the destination has not taken yet of one trace. The ledger moves after each answer, so that a run
 * killed at any instant is completed by the next: only requests whose answer was lost are sent again.
 */
export async function deliverTrace(
  trace: DeliverableTrace,
  target: DeliveryTarget,
  ledger: Ledger,
  wanted: Profile,
  options: DeliverOptions,
): Promise<TraceResult> {
  const known = ledger.load(target.name, trace.root, 'traces', target.format);
  const tally: Tally = { accepted: 0, rejected: 0, refused: [], messages: [] };
  const changedSettings = known === undefined || options.force ? [] : differences(known.profile, wanted);
  if (options.force && ledger.segments(trace.root).length > 0) ledger.refold(trace.root, trace.newestSeq);
  const segments = dueSegments(trace, ledger);
  const changedSinceDelivery = segments.some((segment) => segment.factsThrough < trace.newestSeq);
  const result = (stop: TraceStop, reason?: string): TraceResult => ({
    sessionId: trace.sessionId,
    stop,
    ...tally,
    reason,
    changedSettings,
    changedSinceDelivery,
  });
  let state = options.force || known === undefined ? freshState(wanted) : known;
  let sentAny = false;
  for (const segment of segments) {
    if (segment.n < state.segment || (segment.n === state.segment && state.complete)) continue;
    if (segment.n > state.segment) state = { ...state, segment: segment.n, answered: 0, beyond: [], complete: false };
    sentAny = true;
    const stop = await deliverSegment(trace, segment, target, ledger, state, tally, options);
    state = stop.state;
    if (stop.type !== 'sent') return result(stop.type, stop.reason);
  }
  if (sentAny) return result('sent');
  return result(trace.running ? 'running' : 'nothing_new');
}

/** Segments settled so far, and a new one when operations have begun since and the session is at rest. */
function dueSegments(trace: DeliverableTrace, ledger: Ledger): readonly Segment[] {
  const known = ledger.segments(trace.root);
  const last = known.at(-1);
  if (trace.running) return known;
  if (last === undefined || trace.hasNewOperations(last.throughSeq)) {
    return [...known, ledger.addSegment(trace.root, trace.newestSeq)];
  }
  return known;
}

function freshState(profile: Profile): DeliveryState {
  return { profile, segment: 1, answered: 0, beyond: [], complete: false, accepted: 0, rejected: 0, refused: 0 };
}

/** Names of the settings that differ. */
export function differences(before: Profile, now: Profile): string[] {
  const names = new Set([...Object.keys(before), ...Object.keys(now)]);
  return [...names].filter((name) => (before[name] ?? null) !== (now[name] ?? null));
}

interface SegmentStop {
  readonly type: 'sent' | 'blocked' | 'retry_exhausted' | 'aborted';
  readonly state: DeliveryState;
  readonly reason?: string | undefined;
}

interface Numbered {
  readonly span: TimedSpan;
  readonly position: number;
}

async function deliverSegment(
  trace: DeliverableTrace,
  segment: Segment,
  target: DeliveryTarget,
  ledger: Ledger,
  from: DeliveryState,
  tally: Tally,
  options: DeliverOptions,
): Promise<SegmentStop> {
  let state = from;
  const answeredBeyond = new Set(from.beyond);
  let batch: Numbered[] = [];
  let position = 0;
  // Frozen before the first request, so that whatever is sent again after a kill is sent with the same settings.
  ledger.save(target.name, trace.root, 'traces', target.format, state);

  async function flush(last: boolean): Promise<SegmentStop | undefined> {
    const sent = batch;
    batch = [];
    const spans = sent.map((numbered) => numbered.span);
    const answer = await target.sender.send(spans);
    const remaining = new Set(answer.remaining);
    note(trace, target, ledger, tally, answer);
    state = {
      ...state,
      ...positionAfter(state, sent, remaining, position),
      complete: last && remaining.size === 0,
      accepted: state.accepted + answer.accepted,
      rejected: state.rejected + answer.rejected,
      refused: state.refused + answer.refused.length,
    };
    ledger.save(target.name, trace.root, 'traces', target.format, state);
    options.onProgress?.(answer.accepted);
    return answer.state === 'ok' ? undefined : { type: answer.state, state, reason: answer.reason };
  }

  for (const span of trace.spans(segment, state.profile)) {
    position++;
    if (position <= from.answered || answeredBeyond.has(position)) continue;
    if (batch.length >= target.batchItems) {
      const stop = await flush(false);
      if (stop !== undefined) return stop;
      if (options.signal.aborted) return { type: 'aborted', state, reason: 'stopped' };
    }
    batch.push({ span, position });
  }
  const stop = await flush(true);
  return stop ?? { type: 'sent', state };
}

/** The answered prefix, and what was answered past its end when a batch was being taken apart. */
function positionAfter(state: DeliveryState, sent: readonly Numbered[], remaining: ReadonlySet<TimedSpan>, reached: number) {
  if (remaining.size === 0) return { answered: Math.max(state.answered, sent.at(-1)?.position ?? reached), beyond: [] };
  const open = sent.filter(({ span }) => remaining.has(span)).map(({ position }) => position);
  const answered = open[0]! - 1;
  const now = sent.filter(({ span, position }) => position > answered && !remaining.has(span)).map(({ position }) => position);
  return { answered, beyond: [...state.beyond.filter((position) => position > answered), ...now] };
}

function note(
  trace: DeliverableTrace,
  target: DeliveryTarget,
  ledger: Ledger,
  tally: Tally,
  answer: Awaited<ReturnType<BatchSender<TimedSpan>['send']>>,
): void {
  tally.accepted += answer.accepted;
  tally.rejected += answer.rejected;
  for (const message of answer.messages) if (tally.messages.length < 5) tally.messages.push(message);
  const refused = answer.refused.map(({ item, status, message }) => ({
    spanId: item.spanContext().spanId,
    name: item.name,
    status,
    message: message ?? '',
  }));
  tally.refused.push(...refused);
  if (refused.length > 0) ledger.refuse(target.name, trace.root, refused);
}
