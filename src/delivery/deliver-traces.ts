import type { BatchResult, BatchSender } from '../exporters/bisecting.ts';
import type { TimedSpan } from '../exporters/encoder.ts';
import { differences } from './differences.ts';
import type { DeliveryState, Ledger, Profile, Segment } from './ports.ts';
import { dueParts, freshState } from './segments.ts';

/** A recorded trace as delivery sees it. */
export interface DeliverableTrace {
  /** The store's number of the trace. */
  readonly root: number;
  readonly sessionId: string;
  /** Position of its newest fact. */
  readonly newestSeq: number;
  /** Something may still be going on; only what was settled before is sent. */
  readonly running: boolean;
  /** What it is sent with unless it was begun with something else. */
  readonly profile: Profile;
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
  /** So many spans, of one trace or of several, are made before they are sent. */
  readonly batchItems: number;
}

export interface RefusedSpan {
  readonly sessionId: string;
  readonly spanId: string;
  readonly name: string;
  readonly status: number;
  readonly message: string;
}

/** What one answer, or the lack of it, came to. */
export interface BatchReport {
  readonly accepted: number;
  readonly rejected: number;
  readonly refused: readonly RefusedSpan[];
  readonly messages: readonly string[];
}

/** What became of one trace at one destination, in this run. */
export interface TraceReport {
  readonly sessionId: string;
  /** `sent`: all that was due has been answered for. `none_due`: it had been before. */
  readonly result: 'sent' | 'none_due';
  readonly running: boolean;
  /** Settings of this run that differ from those the trace was first sent with. */
  readonly changedSettings: readonly string[];
  /** Facts came after the spans had been settled; they are sent with `--force` only. */
  readonly changedSinceDelivery: boolean;
}

export interface DeliverOptions {
  readonly force: boolean;
  readonly signal: AbortSignal;
  readonly onBatch: (report: BatchReport) => void;
  readonly onTrace: (report: TraceReport) => void;
}

/** Why sending ended; `done` when everything that was due has an answer. */
export interface DeliveryEnd {
  readonly state: 'done' | 'blocked' | 'retry_exhausted' | 'aborted';
  readonly reason?: string | undefined;
}

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
  const batch = new Batch(target, ledger, options);
  const end = (reason = batch.reason ?? 'stopped'): DeliveryEnd => ({ state: batch.state, reason });
  let count = 0;
  for (const trace of traces) {
    if (++count % TRACES_PER_TURN === 0) await new Promise((resolve) => setImmediate(resolve));
    if (options.signal.aborted) batch.state = 'aborted';
    if (batch.state !== 'done') return end();
    await deliverTrace(trace, target, ledger, batch, options.force);
  }
  if (batch.state === 'done') await batch.flush();
  return batch.state === 'done' ? { state: 'done' } : end();
}

async function deliverTrace(
  trace: DeliverableTrace,
  target: DeliveryTarget,
  ledger: Ledger,
  batch: Batch,
  force: boolean,
): Promise<void> {
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
    if (before !== undefined && !(await batch.flush())) return;
    const run: Run = {
      trace,
      state: { ...part.state, ...countsOf(before?.state ?? part.state) },
      frozen: false,
      exhausted: false,
      report: index === due.length - 1 ? report : undefined,
    };
    if (!(await batch.addAll(run, part.segment))) return;
    before = run;
  }
}

function countsOf({ accepted, rejected, refused }: DeliveryState) {
  return { accepted, rejected, refused };
}

/** A segment of a trace on its way. */
interface Run {
  readonly trace: DeliverableTrace;
  state: DeliveryState;
  /** Its settings have been written down. */
  frozen: boolean;
  /** All its spans have been made. */
  exhausted: boolean;
  /** What to say once it has been answered for; of a trace's last segment. */
  readonly report: TraceReport | undefined;
}

interface Entry {
  readonly run: Run;
  readonly span: TimedSpan;
  readonly position: number;
}

class Batch {
  state: DeliveryEnd['state'] = 'done';
  reason: string | undefined;
  readonly #target: DeliveryTarget;
  readonly #ledger: Ledger;
  readonly #options: DeliverOptions;
  #entries: Entry[] = [];
  #runs = new Set<Run>();

  constructor(target: DeliveryTarget, ledger: Ledger, options: DeliverOptions) {
    this.#target = target;
    this.#ledger = ledger;
    this.#options = options;
  }

  report(report: TraceReport): void {
    this.#options.onTrace(report);
  }

  /** Makes the spans of a segment that have no answer yet. False when sending has ended. */
  async addAll(run: Run, segment: Segment): Promise<boolean> {
    const { answered, beyond } = run.state;
    const answeredBeyond = new Set(beyond);
    let position = 0;
    this.#runs.add(run);
    for (const span of run.trace.spans(segment, run.state.profile)) {
      position++;
      if (position <= answered || answeredBeyond.has(position)) continue;
      if (this.#entries.length >= this.#target.batchItems && !(await this.flush())) return false;
      this.#runs.add(run);
      this.#entries.push({ run, span, position });
    }
    run.exhausted = true;
    return true;
  }

  /** Sends what has been gathered and writes down what was answered. False when sending has ended. */
  async flush(): Promise<boolean> {
    const entries = this.#entries;
    const runs = this.#runs;
    this.#entries = [];
    this.#runs = new Set();
    if (runs.size === 0) return this.state === 'done';
    this.#freeze(runs);
    const answer = await this.#target.sender.send(entries.map(({ span }) => span));
    this.#note(entries, runs, answer);
    if (answer.state !== 'ok') {
      this.state = answer.state;
      this.reason = answer.reason;
    } else if (this.#options.signal.aborted) this.state = 'aborted';
    return this.state === 'done';
  }

  /** Before the first request, so that whatever is sent again after a kill is sent with the same settings. */
  #freeze(runs: ReadonlySet<Run>): void {
    const fresh = [...runs].filter((run) => !run.frozen);
    if (fresh.length === 0) return;
    this.#ledger.together(() => {
      for (const run of fresh) this.#save(run);
    });
    for (const run of fresh) run.frozen = true;
  }

  #note(entries: readonly Entry[], runs: ReadonlySet<Run>, answer: BatchResult<TimedSpan>): void {
    const byRun = new Map([...runs].map((run): [Run, Entry[]] => [run, []]));
    for (const entry of entries) byRun.get(entry.run)!.push(entry);
    const remaining = new Set(answer.remaining);
    const refusals = new Map(answer.refused.map((refusal) => [refusal.item, refusal]));
    const refused: RefusedSpan[] = [];
    this.#ledger.answersTogether(() => {
      for (const [run, own] of byRun) {
        const mine = own.flatMap(({ span }) => {
          const refusal = refusals.get(span);
          return refusal === undefined ? [] : [refusedSpan(run.trace, refusal)];
        });
        refused.push(...mine);
        run.state = advanced(run, own, remaining, mine.length, answer.rejected);
        this.#save(run);
        if (mine.length > 0) this.#ledger.refuse(this.#target.name, run.trace.root, mine);
      }
    });
    const { accepted, rejected, messages } = answer;
    this.#options.onBatch({ accepted, rejected, refused, messages });
    for (const { state, report } of byRun.keys()) {
      if (state.complete && report !== undefined) this.report(report);
    }
  }

  #save({ trace, state }: Run): void {
    this.#ledger.save(this.#target.name, trace.root, 'traces', this.#target.format, state);
  }
}

function refusedSpan(
  trace: DeliverableTrace,
  refusal: BatchResult<TimedSpan>['refused'][number],
): RefusedSpan {
  const { item, status, message = '' } = refusal;
  const { spanId } = item.spanContext();
  return { sessionId: trace.sessionId, spanId, name: item.name, status, message };
}

/** The place after an answer: the answered prefix, and what was answered past its end. */
function advanced(
  run: Run,
  own: readonly Entry[],
  remaining: ReadonlySet<TimedSpan>,
  refused: number,
  rejectedInBatch: number,
): DeliveryState {
  const { state } = run;
  const open = own.filter(({ span }) => remaining.has(span));
  const firstOpen = open[0];
  const answered =
    firstOpen === undefined ? (own.at(-1)?.position ?? state.answered) : firstOpen.position - 1;
  const taken = own.length - open.length - refused;
  // Which spans of a request a partial success leaves out is not told: all of a trace's may be among them.
  const rejected = Math.min(rejectedInBatch, taken);
  const past = own.filter(({ span, position }) => position > answered && !remaining.has(span));
  return {
    ...state,
    answered: Math.max(state.answered, answered),
    beyond: [
      ...state.beyond.filter((position) => position > answered),
      ...past.map(({ position }) => position),
    ],
    complete: run.exhausted && open.length === 0,
    accepted: state.accepted + taken - rejected,
    rejected: state.rejected + rejected,
    refused: state.refused + refused,
  };
}
