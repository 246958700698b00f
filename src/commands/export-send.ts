import {
  type BatchReport,
  type DeliverableTrace,
  deliverTraces,
  type RefusedSpan,
  type TraceReport,
} from '../delivery/deliver-traces.ts';
import { type DeliveryPlan, planTraces } from '../delivery/plan-traces.ts';
import type { Profile } from '../delivery/ports.ts';
import { AgentStraceError, EXIT } from '../errors.ts';
import type { TransportCounters } from '../exporters/accounting.ts';
import type { Destination } from '../exporters/destination.ts';
import { createTraceEncoder, type SendSettings } from '../exporters/otlp-http.ts';
import { EXPORTERS, findExporter } from '../exporters/registry.ts';
import { createLedger } from '../store/ledger.ts';
import type { RootSession } from '../store/sessions.ts';
import { VERSION } from '../version.ts';
import type { CommandContext } from './command.ts';
import { deliverable, type SpanSource } from './export-trace.ts';
import type { Progress } from './progress.ts';
import { type Rebase, shifted } from './rebase.ts';
import type { Sampler } from './sample-sessions.ts';
import { type TooOld, tooOld, tooOldSentence } from './too-old.ts';

const DEFAULT_TIMEOUT_MILLIS = 10_000;
const DEFAULT_RETRY_MILLIS = 120_000;
const DEFAULT_BATCH_SPANS = 512;
const MAX_LISTED = 20;
const MAX_MESSAGES = 5;

/** What a run did at one destination. */
export interface DestinationReport {
  readonly destination: string;
  /** What was sent; spans where absent. */
  readonly what?: 'data point' | 'score' | undefined;
  /** Sessions that were looked at. */
  readonly sessions: number;
  /** Sessions of which everything that was due has an answer. */
  readonly sent: number;
  readonly alreadyDelivered: number;
  /** Sessions that no policy and no share of `--sample` kept. */
  readonly sampledOut?: number | undefined;
  readonly running: readonly string[];
  readonly accepted: number;
  readonly rejected: number;
  /** The first of them, by name; `refusedCount` says how many there are. */
  readonly refused: readonly Omit<RefusedSpan, 'sessionId'>[];
  readonly refusedCount?: number | undefined;
  /** Sessions that are not complete at the destination because sending ended. */
  readonly notTried: number;
  /** Of data points and scores: how many are left for the next run, or would be sent (`--dry-run`). */
  readonly unsent?: number | undefined;
  /** What sending would come to (`--dry-run`). */
  readonly plan?: DeliveryPlan | undefined;
  readonly tooOld?: TooOld | undefined;
  readonly reason?: string | undefined;
  readonly messages: readonly string[];
  readonly changedSettings: readonly string[];
  readonly changedSinceDelivery: readonly string[];
  readonly wire: Readonly<TransportCounters>;
}

/** What goes to a destination: sessions, which of them, and how they are changed on the way. */
export interface Shipment {
  readonly source: SpanSource;
  readonly destination: Destination;
  readonly roots: readonly RootSession[];
  readonly sampler: Sampler | undefined;
  readonly rebase: Rebase;
  readonly wire: TransportCounters;
  readonly progress: Progress;
}

/** Sends the sessions to one destination, one after the other; stops when the destination does. */
export async function sendTo(
  context: CommandContext,
  shipment: Shipment,
): Promise<DestinationReport> {
  const { source, destination, roots, wire, progress } = shipment;
  const { options, signal } = context;
  const settings = sendSettings(context, destination, wire, progress);
  const exporter = exporterOf(options['exporter'] as string | undefined);
  const ledger = createLedger(source.store);
  const report = emptyReport(destination.name, wire);
  report.tooOld = warnOfAge(context, shipment);
  const target = { name: destination.name, format: source.settings.mapper.name };
  const force = options['force'] === true;
  const traces = chosenTraces(context, shipment, report);
  const onTrace = (trace: TraceReport) => {
    addTrace(report, trace);
    progress.sessions(1);
  };
  if (options['dryRun'] === true) {
    const encoder = createTraceEncoder(destination, settings);
    report.plan = await planTraces(traces, { ...target, encoder }, ledger, {
      force,
      signal,
      onTrace,
    });
    return report;
  }
  const { sender, close } = await exporter.open(destination, settings);
  const onBatch = (batch: BatchReport) => {
    addBatch(report, batch);
    progress.spans(batch.accepted);
  };
  try {
    const { batchItems } = settings;
    const options = { force, signal, onBatch, onTrace };
    const end = await deliverTraces(traces, { ...target, sender, batchItems }, ledger, options);
    if (end.state !== 'done') {
      report.reason = end.reason;
      report.notTried = roots.length - report.sessions;
    }
  } finally {
    await close();
  }
  return report;
}

/** `--exporter`, or the first that reaches endpoints. Throws `usage` for any other name. */
export function exporterOf(name: string | undefined) {
  const exporter = name === undefined ? EXPORTERS[0] : findExporter(name);
  if (exporter?.open !== undefined) return { ...exporter, open: exporter.open };
  const known = EXPORTERS.filter(({ open }) => open !== undefined).map((one) => one.name);
  throw new AgentStraceError('usage', `--exporter ${name}: known are ${known.join(', ')}`);
}

function sendSettings(
  { options, env, signal, say }: CommandContext,
  destination: Destination,
  counters: TransportCounters,
  progress: Progress,
): SendSettings {
  const number = (name: string) => options[name] as number | undefined;
  return {
    deadlineMillis: number('requestTimeout') ?? DEFAULT_TIMEOUT_MILLIS,
    retryForMillis: number('retryFor') ?? DEFAULT_RETRY_MILLIS,
    batchItems: number('batchSize') ?? destination.maxBatchItems ?? DEFAULT_BATCH_SPANS,
    userAgent: `agent-strace/${VERSION}`,
    environment: env,
    signal,
    counters,
    onRetry: ({ delayMillis, reason }) => {
      say(`${destination.name}: ${reason}; next try in ${(delayMillis / 1000).toFixed(1)} s`);
      progress.retry();
    },
  };
}

/** What the destination will drop is said before anything is sent. */
function warnOfAge(context: CommandContext, shipment: Shipment): TooOld | undefined {
  const { source, destination, roots, rebase } = shipment;
  if (destination.maxAgeMillis === undefined) return undefined;
  const ledger = createLedger(source.store);
  const format = source.settings.mapper.name;
  const due = roots.filter(
    (root) =>
      context.options['force'] === true ||
      ledger.load(destination.name, root.id, 'traces', format)?.complete !== true,
  );
  const found = tooOld(destination, due, rebase, Date.now() * 1000);
  if (found === undefined) return undefined;
  context.warn(tooOldSentence(destination, found, context.options['rebaseTime'] !== undefined));
  return found;
}

/** The sessions that are not sampled out. One that was begun earlier is completed whatever `--sample` says. */
function* chosenTraces(
  context: CommandContext,
  { source, destination, roots, sampler, rebase }: Shipment,
  report: Writable<DestinationReport>,
): Generator<DeliverableTrace> {
  const ledger = createLedger(source.store);
  const { mapper, profile } = source.settings;
  const allowRunning = context.options['allowRunning'] === true;
  for (const root of roots) {
    const begun = ledger.load(destination.name, root.id, 'traces', mapper.name) !== undefined;
    const decision = sampler === undefined || begun ? undefined : sampler(root);
    if (decision?.kept === false) {
      report.sampledOut = (report.sampledOut ?? 0) + 1;
      report.sessions++;
      continue;
    }
    const wanted = shifted(
      decision === undefined ? profile : sampled(profile, decision),
      rebase(root),
    );
    yield deliverable(source, root, wanted, allowRunning);
  }
}

/** The profile of a session that was kept by sampling. */
export function sampled(
  profile: Profile,
  { reason, probability }: { readonly reason: string; readonly probability: number },
): Profile {
  return { ...profile, sample_reason: reason, sample_probability: probability };
}

type Writable<T> = { -readonly [K in keyof T]: T[K] extends readonly (infer U)[] ? U[] : T[K] };

function emptyReport(destination: string, wire: TransportCounters): Writable<DestinationReport> {
  return {
    destination,
    sessions: 0,
    sent: 0,
    alreadyDelivered: 0,
    running: [],
    accepted: 0,
    rejected: 0,
    refused: [],
    refusedCount: 0,
    notTried: 0,
    messages: [],
    changedSettings: [],
    changedSinceDelivery: [],
    wire,
  };
}

function addBatch(report: Writable<DestinationReport>, batch: BatchReport): void {
  report.accepted += batch.accepted;
  report.rejected += batch.rejected;
  report.refusedCount = (report.refusedCount ?? 0) + batch.refused.length;
  for (const refused of batch.refused)
    if (report.refused.length < MAX_LISTED) report.refused.push(refused);
  for (const message of batch.messages)
    if (report.messages.length < MAX_MESSAGES && !report.messages.includes(message))
      report.messages.push(message);
}

function addTrace(report: Writable<DestinationReport>, trace: TraceReport): void {
  report.sessions++;
  if (trace.result === 'sent') report.sent++;
  else if (!trace.running) report.alreadyDelivered++;
  if (trace.running) report.running.push(trace.sessionId);
  for (const name of trace.changedSettings)
    if (!report.changedSettings.includes(name)) report.changedSettings.push(name);
  if (trace.changedSinceDelivery) report.changedSinceDelivery.push(trace.sessionId);
}

/** 0 when everything asked for arrived, 3 when some of it did not. */
export function sendingExitCode(reports: readonly DestinationReport[]): number {
  const short = reports.some(
    (report) =>
      report.reason !== undefined ||
      report.rejected > 0 ||
      report.refused.length > 0 ||
      report.running.length > 0,
  );
  return short ? EXIT.partial : EXIT.done;
}
