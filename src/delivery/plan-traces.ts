import type { Encoder, TimedSpan } from '../exporters/encoder.ts';
import type { DeliverableTrace } from './deliverable-trace.ts';
import type { TraceReport } from './delivery-report.ts';
import { differences } from './differences.ts';
import type { Ledger, Segment } from './ports.ts';
import { dueParts, freshState, isChanged, nextSegment } from './segments.ts';

/** What would be sent: requests, and their bytes as encoded, before compression. */
export interface DeliveryPlan {
  sessions: number;
  spans: number;
  bytes: number;
  requests: number;
}

export interface PlanTarget {
  readonly name: string;
  readonly format: string;
  readonly encoder: Encoder<TimedSpan>;
}

export interface PlanOptions {
  readonly force: boolean;
  readonly signal: AbortSignal;
  readonly onTrace: (report: TraceReport) => void;
}

/** Does everything up to the encoded bytes, but sends nothing and leaves the ledger unchanged. */
export async function planTraces(
  traces: Iterable<DeliverableTrace>,
  target: PlanTarget,
  ledger: Ledger,
  options: PlanOptions,
): Promise<DeliveryPlan> {
  const plan: DeliveryPlan = { sessions: 0, spans: 0, bytes: 0, requests: 0 };
  const { encoder } = target;
  let waiting = 0;

  function close(): void {
    if (waiting === 0) return;
    plan.requests++;
    plan.bytes += encoder.finish().bytes.length;
    encoder.reset();
    waiting = 0;
  }

  function add(span: TimedSpan): void {
    if (!encoder.tryAppend(span)) {
      close();
      encoder.tryAppend(span);
    }
    waiting++;
    plan.spans++;
  }

  for (const trace of traces) {
    await new Promise((resolve) => setImmediate(resolve));
    if (options.signal.aborted) break;
    const known = ledger.load(target.name, trace.root, 'traces', target.format);
    const state = options.force || known === undefined ? freshState(trace.profile) : known;
    const segments = plannedSegments(trace, ledger, options.force);
    const due = dueParts(segments, state);
    const before = plan.spans;
    for (const part of due) {
      const beyond = new Set(part.state.beyond);
      let position = 0;
      for await (const spans of trace.spans(part.segment, state.profile)) {
        for (const span of spans) {
          position++;
          if (position > part.state.answered && !beyond.has(position)) add(span);
        }
      }
    }
    const isDue = plan.spans > before;
    if (isDue) plan.sessions++;
    options.onTrace({
      sessionId: trace.sessionId,
      result: resultOf(trace, isDue),
      running: trace.running,
      changedSettings:
        known === undefined || options.force ? [] : differences(known.profile, trace.profile),
      changedSinceDelivery: isChanged(trace, segments, ledger),
    });
  }
  close();
  return plan;
}

function resultOf(trace: DeliverableTrace, isDue: boolean): TraceReport['result'] {
  if (!trace.isKept()) return 'deleted';
  if (trace.isDamaged()) return 'damaged';
  return isDue ? 'sent' : 'none_due';
}

/** The segments that sending would create. */
function plannedSegments(trace: DeliverableTrace, ledger: Ledger, force: boolean): Segment[] {
  const { newestSeq } = trace;
  const known = ledger
    .segments(trace.root)
    .map((segment) => (force ? { ...segment, factsThrough: newestSeq } : segment));
  const last = known.at(-1);
  const grown = !trace.running && (last === undefined || trace.hasNewOperations(last.throughSeq));
  return grown ? [...known, nextSegment(known, newestSeq)] : known;
}
