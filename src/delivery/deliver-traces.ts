import type { DeliverableSpan, DeliverableTrace, SpanParts } from './deliverable-trace.ts';
import type { DeliveryEnd, TraceReport } from './delivery-report.ts';
import { differences } from './differences.ts';
import type { DeliveryState, Ledger } from './ports.ts';
import { type DuePart, dueParts, freshState } from './segments.ts';
import { type DeliverOptions, type DeliveryTarget, type Run, TraceBatch } from './trace-batch.ts';

/** So often, in traces, others get a turn: signals are heard between them. */
const TRACES_PER_TURN = 32;

/**
 * Sends what the destination has not taken yet, spans of many small traces in one request. The ledger moves after
 * each answer, so that a run killed at any instant is completed by the next: only requests whose answer was lost
 * are sent again.
 */
export async function deliverTraces<S extends DeliverableSpan>(
  traces: Iterable<DeliverableTrace<S>>,
  target: DeliveryTarget<S>,
  ledger: Ledger,
  options: DeliverOptions,
): Promise<DeliveryEnd> {
  const batch = new TraceBatch(target, ledger, options);
  const postponed: DeliverableTrace<S>[] = [];
  const end = (reason = batch.reason ?? 'interrupted'): DeliveryEnd => ({
    state: batch.state,
    reason,
  });
  let count = 0;
  for (const due of preparedAhead(traces, target, ledger, options.force)) {
    if (++count % TRACES_PER_TURN === 0) await new Promise((resolve) => setImmediate(resolve));
    if (options.signal.aborted) batch.state = 'aborted';
    if (batch.state !== 'done') return end();
    if (!(await deliverTrace(due, batch))) postponed.push(due.trace);
  }
  if (batch.state === 'done') await batch.close();
  // What --force asked for was begun above.
  for (const trace of postponed)
    if (batch.state === 'done') await deliverTrace(dueOf(trace, target, ledger, false), batch);
  if (batch.state === 'done') await batch.close();
  return batch.state === 'done' ? { state: 'done' } : end();
}

/** A trace with what is due of it. */
interface DueTrace<S extends DeliverableSpan> {
  readonly trace: DeliverableTrace<S>;
  readonly parts: readonly DuePart[];
  /** Spans of the first part: whoever makes them elsewhere has been asked. */
  readonly firstSpans: SpanParts<S> | undefined;
  readonly report: TraceReport;
}

/**
 * Each trace with what is due of it, some of them before their turn. Whoever makes spans elsewhere makes them in the order
 * of asking, and is asked for a further segment late: no other trace is asked for in between.
 */
function* preparedAhead<S extends DeliverableSpan>(
  traces: Iterable<DeliverableTrace<S>>,
  target: DeliveryTarget<S>,
  ledger: Ledger,
  force: boolean,
): Generator<DueTrace<S>> {
  const { preparesBeside = () => false } = target;
  const source = traces[Symbol.iterator]();
  const prepared: DueTrace<S>[] = [];
  const isWanted = () => {
    const last = prepared.at(-1);
    return last === undefined || (last.parts.length <= 1 && preparesBeside(prepared.length));
  };
  for (;;) {
    while (isWanted()) {
      const next = source.next();
      if (next.done === true) break;
      prepared.push(dueOf(next.value, target, ledger, force));
    }
    const first = prepared.shift();
    if (first === undefined) return;
    yield first;
  }
}

function dueOf<S extends DeliverableSpan>(
  trace: DeliverableTrace<S>,
  target: DeliveryTarget<S>,
  ledger: Ledger,
  force: boolean,
): DueTrace<S> {
  const known = ledger.load(target.name, trace.root, 'traces', target.format);
  if (force && ledger.segments(trace.root).length > 0) ledger.refold(trace.root, trace.newestSeq);
  const segments = ledger.segments(trace.root);
  const last = segments.at(-1);
  const grown = !trace.running && (last === undefined || trace.hasNewOperations(last.throughSeq));
  if (grown) ledger.addSegment(trace.root, segments.length + 1, trace.newestSeq);
  const all = grown ? ledger.segments(trace.root) : segments;
  const parts = dueParts(all, force || known === undefined ? freshState(trace.profile) : known);
  // Looked at last: of a trace that is deleted in between nothing is due either.
  if (!trace.isKept()) return { trace, parts: [], firstSpans: undefined, report: deleted(trace) };
  const first = parts[0];
  return {
    trace,
    parts,
    firstSpans: first && trace.spans(first.segment, first.state.profile),
    report: {
      sessionId: trace.sessionId,
      result: parts.length > 0 ? 'sent' : 'none_due',
      // A watcher was ahead of what is known here of the trace.
      running: trace.running || (grown && all.length === segments.length),
      changedSettings:
        known === undefined || force ? [] : differences(known.profile, trace.profile),
      changedSinceDelivery: all.some((segment) => segment.factsThrough < trace.newestSeq),
    },
  };
}

/** False when a further segment has to wait: whose fault a refusal in the one before was, is not known yet. */
async function deliverTrace<S extends DeliverableSpan>(
  { trace, parts, firstSpans, report }: DueTrace<S>,
  batch: TraceBatch<S>,
): Promise<boolean> {
  if (parts.length === 0) batch.report(report);
  let before: Run<S> | undefined;
  let spans = firstSpans;
  for (const [index, part] of parts.entries()) {
    // A segment is begun when the one before has been answered for: a trace has one place in the ledger.
    if (before !== undefined) {
      if (!(await batch.flush())) return true;
      if (!before.state.complete) return false;
    }
    const run: Run<S> = {
      trace,
      state: { ...part.state, ...countsOf(before?.state ?? part.state) },
      frozen: false,
      exhausted: false,
      report: index === parts.length - 1 ? report : undefined,
    };
    spans ??= trace.spans(part.segment, part.state.profile);
    if (!(await batch.addAll(run, spans))) return true;
    run.exhausted = trace.isKept();
    if (!run.exhausted) {
      batch.report(deleted(trace));
      return true;
    }
    spans = undefined;
    before = run;
  }
  return true;
}

function deleted({ sessionId }: Pick<DeliverableTrace, 'sessionId'>): TraceReport {
  const changed = { changedSettings: [], changedSinceDelivery: false };
  return { sessionId, result: 'deleted', running: false, ...changed };
}

function countsOf({ accepted, rejected, refused }: DeliveryState) {
  return { accepted, rejected, refused };
}
