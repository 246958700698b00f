import type { DeliverableSpan, DeliverableTrace, SpanParts } from './deliverable-trace.ts';
import type { DeliveryEnd, TraceReport } from './delivery-report.ts';
import { differences } from './differences.ts';
import type { DeliveryState, Ledger } from './ports.ts';
import { type DuePart, dueParts, freshState, isChanged } from './segments.ts';
import { type DeliverOptions, type DeliveryTarget, type Run, TraceBatch } from './trace-batch.ts';

/** Number of traces after which the event loop gets a turn, so that signals are handled. */
const TRACES_PER_TURN = 32;

/**
 * Sends what the destination has not accepted yet, with the spans of many small traces in one request. The ledger is
 * updated after each answer, so a run killed at any time is completed by the next one: only requests whose answer was
 * lost are sent again.
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
  // `--force` was already applied above.
  for (const trace of postponed)
    if (batch.state === 'done') await deliverTrace(dueOf(trace, target, ledger, false), batch);
  if (batch.state === 'done') await batch.close();
  return batch.state === 'done' ? { state: 'done' } : end();
}

/** A trace and what is due for it. */
interface DueTrace<S extends DeliverableSpan> {
  readonly trace: DeliverableTrace<S>;
  readonly parts: readonly DuePart[];
  /** Spans of the first part, already requested from whatever makes them. */
  readonly firstSpans: SpanParts<S> | undefined;
  readonly report: TraceReport;
}

/**
 * Yields each trace with what is due for it, preparing some in advance. If spans are made elsewhere, they are made in
 * the order of requests; a further segment is requested late, so no other trace is requested before it.
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
  // Checked last, so that nothing is due for a trace that was deleted in between either.
  if (!trace.isKept())
    return { trace, parts: [], firstSpans: undefined, report: lost(trace, 'deleted') };
  const first = parts[0];
  return {
    trace,
    parts,
    firstSpans: first && trace.spans(first.segment, first.state.profile),
    report: {
      sessionId: trace.sessionId,
      result: parts.length > 0 ? 'sent' : 'none_due',
      // A running watcher has settled more of the trace than is known here.
      running: trace.running || (grown && all.length === segments.length),
      changedSettings:
        known === undefined || force ? [] : differences(known.profile, trace.profile),
      changedSinceDelivery: isChanged(trace, all, ledger),
    },
  };
}

/**
 * False when a further segment must wait because it is still unknown what was at fault for a refusal in the previous
 * one.
 */
async function deliverTrace<S extends DeliverableSpan>(
  { trace, parts, firstSpans, report }: DueTrace<S>,
  batch: TraceBatch<S>,
): Promise<boolean> {
  if (parts.length === 0) batch.report(report);
  let before: Run<S> | undefined;
  let spans = firstSpans;
  for (const [index, part] of parts.entries()) {
    // A segment starts only after the previous one has been answered for, because a trace has one position in the
    // ledger.
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
    run.exhausted = trace.isKept() && !trace.isDamaged();
    if (!run.exhausted) {
      batch.report(lost(trace, trace.isKept() ? 'damaged' : 'deleted'));
      return true;
    }
    spans = undefined;
    before = run;
  }
  return true;
}

function lost(
  { sessionId }: Pick<DeliverableTrace, 'sessionId'>,
  result: 'deleted' | 'damaged',
): TraceReport {
  const changed = { changedSettings: [], changedSinceDelivery: false };
  return { sessionId, result, running: false, ...changed };
}

function countsOf({ accepted, rejected, refused }: DeliveryState) {
  return { accepted, rejected, refused };
}
