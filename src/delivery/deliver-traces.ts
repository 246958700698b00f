import type { DeliverableTrace } from './deliverable-trace.ts';
import type { DeliveryEnd, TraceReport } from './delivery-report.ts';
import { differences } from './differences.ts';
import type { DeliveryState, Ledger } from './ports.ts';
import { dueParts, freshState } from './segments.ts';
import { type DeliverOptions, type DeliveryTarget, type Run, TraceBatch } from './trace-batch.ts';

/** So often, in traces, others get a turn: signals are heard between them. */
const TRACES_PER_TURN = 32;

/**
 * Sends what the destination has not taken yet, spans of many small traces in one request. The ledger moves after
 * each answer, so that a run killed at any instant is completed by the next: only requests whose answer was lost
 * are sent again.
 */
export async function deliverTraces(
  traces: Iterable<DeliverableTrace>,
  target: DeliveryTarget,
  ledger: Ledger,
  options: DeliverOptions,
): Promise<DeliveryEnd> {
  const batch = new TraceBatch(target, ledger, options);
  const postponed: DeliverableTrace[] = [];
  const end = (reason = batch.reason ?? 'stopped'): DeliveryEnd => ({ state: batch.state, reason });
  let count = 0;
  for (const trace of traces) {
    if (++count % TRACES_PER_TURN === 0) await new Promise((resolve) => setImmediate(resolve));
    if (options.signal.aborted) batch.state = 'aborted';
    if (batch.state !== 'done') return end();
    if (!(await deliverTrace(trace, target, ledger, batch, options.force))) postponed.push(trace);
  }
  if (batch.state === 'done') await batch.close();
  // What --force asked for was begun above.
  for (const trace of postponed)
    if (batch.state === 'done') await deliverTrace(trace, target, ledger, batch, false);
  if (batch.state === 'done') await batch.close();
  return batch.state === 'done' ? { state: 'done' } : end();
}

/** False when a further segment has to wait: whose fault a refusal in the one before was, is not known yet. */
async function deliverTrace(
  trace: DeliverableTrace,
  target: DeliveryTarget,
  ledger: Ledger,
  batch: TraceBatch,
  force: boolean,
): Promise<boolean> {
  const known = ledger.load(target.name, trace.root, 'traces', target.format);
  if (force && ledger.segments(trace.root).length > 0) ledger.refold(trace.root, trace.newestSeq);
  const segments = ledger.segments(trace.root);
  const last = segments.at(-1);
  const grown = !trace.running && (last === undefined || trace.hasNewOperations(last.throughSeq));
  const all = grown ? [...segments, ledger.addSegment(trace.root, trace.newestSeq)] : segments;
  const due = dueParts(all, force || known === undefined ? freshState(trace.profile) : known);
  const report: TraceReport = {
    sessionId: trace.sessionId,
    result: due.length > 0 ? 'sent' : 'none_due',
    running: trace.running,
    changedSettings: known === undefined || force ? [] : differences(known.profile, trace.profile),
    changedSinceDelivery: all.some((segment) => segment.factsThrough < trace.newestSeq),
  };
  if (due.length === 0) batch.report(report);
  let before: Run | undefined;
  for (const [index, part] of due.entries()) {
    // A segment is begun when the one before has been answered for: a trace has one place in the ledger.
    if (before !== undefined) {
      if (!(await batch.flush())) return true;
      if (!before.state.complete) return false;
    }
    const run: Run = {
      trace,
      state: { ...part.state, ...countsOf(before?.state ?? part.state) },
      frozen: false,
      exhausted: false,
      report: index === due.length - 1 ? report : undefined,
    };
    if (!(await batch.addAll(run, part.segment))) return true;
    before = run;
  }
  return true;
}

function countsOf({ accepted, rejected, refused }: DeliveryState) {
  return { accepted, rejected, refused };
}
