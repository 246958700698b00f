import { deliverTrace, type TraceResult } from '../delivery/deliver-trace.ts';
import { EXIT } from '../errors.ts';
import { accounting, createCounters, type TransportCounters } from '../exporters/accounting.ts';
import { createBatchSender } from '../exporters/bisecting.ts';
import type { Destination } from '../exporters/destination.ts';
import type { TimedSpan } from '../exporters/encoder.ts';
import { createHttpTransport } from '../exporters/http-transport.ts';
import { createJsonTraceEncoder } from '../exporters/otlp-json.ts';
import { createProtobufTraceEncoder } from '../exporters/otlp-protobuf.ts';
import { retrying } from '../exporters/retrying.ts';
import { createLedger } from '../store/ledger.ts';
import type { RootSession } from '../store/sessions.ts';
import type { CommandContext } from './command.ts';
import { VERSION } from '../version.ts';
import { deliverable, type SpanSource } from './export-trace.ts';

const DEFAULT_TIMEOUT_MILLIS = 10_000;
const DEFAULT_RETRY_MILLIS = 120_000;
const DEFAULT_BATCH_SPANS = 512;

/** What a run did at one destination. */
export interface DestinationReport {
  readonly destination: string;
  /** What was sent; spans where absent. */
  readonly what?: 'data point' | 'score' | undefined;
  readonly sessions: number;
  readonly sent: number;
  readonly alreadyDelivered: number;
  readonly running: readonly string[];
  readonly accepted: number;
  readonly rejected: number;
  readonly refused: readonly TraceResult['refused'][number][];
  readonly notTried: number;
  /** Of data points and scores: how many are left for the next run, or would be sent (`--dry-run`). */
  readonly unsent?: number | undefined;
  readonly reason?: string | undefined;
  readonly messages: readonly string[];
  readonly changedSettings: readonly string[];
  readonly changedSinceDelivery: readonly string[];
  readonly wire: Readonly<TransportCounters>;
}

/** Sends the sessions to one destination, one after the other; stops when the destination does. */
export async function sendTo(
  context: CommandContext,
  source: SpanSource,
  destination: Destination,
  roots: readonly RootSession[],
  onProgress: (spans: number) => void,
): Promise<DestinationReport> {
  const { options, signal } = context;
  const wire = createCounters();
  const transport = retrying(accounting(createHttpTransport(destination, { userAgent: `agent-strace/${VERSION}`, environment: context.env }), wire), {
    budgetMillis: (options['retryFor'] as number | undefined) ?? DEFAULT_RETRY_MILLIS,
    signal,
    onRetry: ({ delayMillis, reason }) =>
      context.say(`${destination.name}: ${reason}; next try in ${(delayMillis / 1000).toFixed(1)} s`),
  });
  const batchItems = (options['batchSize'] as number | undefined) ?? destination.maxBatchItems ?? DEFAULT_BATCH_SPANS;
  const limits = { maxBytes: destination.maxRequestBytes, maxItems: batchItems };
  const sender = createBatchSender<TimedSpan>({
    encoder: destination.protocol === 'http/json' ? createJsonTraceEncoder(limits) : createProtobufTraceEncoder(limits),
    transport,
    deadlineMillis: (options['requestTimeout'] as number | undefined) ?? DEFAULT_TIMEOUT_MILLIS,
    signal,
  });
  const target = { name: destination.name, format: source.settings.mapper.name, sender, batchItems };
  const ledger = createLedger(source.store);
  const report = emptyReport(destination.name, wire);
  try {
    for (const [index, root] of roots.entries()) {
      const trace = deliverable(source, root, options['allowRunning'] === true);
      const result = await deliverTrace(trace, target, ledger, source.settings.profile, {
        force: options['force'] === true,
        signal,
        onProgress,
      });
      addResult(report, result);
      if (result.stop === 'blocked' || result.stop === 'retry_exhausted' || result.stop === 'aborted') {
        report.notTried = roots.length - index - 1;
        report.reason = result.reason;
        break;
      }
    }
  } finally {
    await transport.close();
  }
  return report;
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
    notTried: 0,
    messages: [],
    changedSettings: [],
    changedSinceDelivery: [],
    wire,
  };
}

const MAX_LISTED = 20;

function addResult(report: Writable<DestinationReport>, result: TraceResult): void {
  report.sessions++;
  report.accepted += result.accepted;
  report.rejected += result.rejected;
  for (const refused of result.refused) if (report.refused.length < MAX_LISTED) report.refused.push(refused);
  if (result.stop === 'sent') report.sent++;
  if (result.stop === 'nothing_new') report.alreadyDelivered++;
  if (result.stop === 'running') report.running.push(result.sessionId);
  for (const message of result.messages) if (!report.messages.includes(message) && report.messages.length < 5) report.messages.push(message);
  for (const name of result.changedSettings) if (!report.changedSettings.includes(name)) report.changedSettings.push(name);
  if (result.changedSinceDelivery) report.changedSinceDelivery.push(result.sessionId);
}

/** 0 when everything asked for arrived, 3 when some of it did not. */
export function sendingExitCode(reports: readonly DestinationReport[]): number {
  const short = reports.some((report) => report.reason !== undefined || report.rejected > 0 || report.refused.length > 0 || report.running.length > 0);
  return short ? EXIT.partial : EXIT.done;
}
