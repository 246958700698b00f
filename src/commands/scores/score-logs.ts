import { deliverItems, type TraceItems } from '../../delivery/deliver-items.ts';
import { plainResource } from '../../delivery/resource.ts';
import { createCounters } from '../../exporters/accounting.ts';
import type { Destination } from '../../exporters/destination.ts';
import type { LogRecord } from '../../exporters/log-record.ts';
import { encoderOptions, openOtlpHttp } from '../../exporters/otlp-http.ts';
import { createJsonLogEncoder } from '../../exporters/otlp-json-logs.ts';
import { createProtobufLogEncoder } from '../../exporters/otlp-protobuf-logs.ts';
import { GENAI_CONVENTIONS } from '../../mappers/semconv/genai.ts';
import { createItemLedger } from '../../store/item-ledger.ts';
import { VERSION } from '../../version.ts';
import type { CommandContext } from '../command.ts';
import type { DestinationReport } from '../export/export-report.ts';
import type { SpanSource } from '../export/export-trace.ts';
import { itemOptions, itemReport } from '../export/item-report.ts';
import { sendSettings } from '../export/send-settings.ts';
import type { SendableScore } from './sendable-score.ts';

const USUAL_BATCH_RECORDS = 1000;
const SEVERITY_INFO = 9;

/** Sends scores as `gen_ai.evaluation.result` events over OTLP, each with the trace and span id of what was judged. */
export async function sendAsLogs(
  context: CommandContext,
  source: SpanSource,
  destination: Destination,
  scores: Iterable<TraceItems<SendableScore>>,
): Promise<DestinationReport> {
  const own = JSON.parse(String(source.settings.profile['resource'])) as Record<string, string>;
  const resource = plainResource({ ...destination.resourceAttributes, ...own });
  const { schemaUrl } = GENAI_CONVENTIONS;
  const producer = { resource, scope: { name: 'agent-strace', version: VERSION, schemaUrl } };
  const wire = createCounters();
  const settings = sendSettings(context, destination, wire, USUAL_BATCH_RECORDS);
  const limits = encoderOptions(destination, settings);
  const encoder =
    destination.protocol === 'http/json'
      ? createJsonLogEncoder(producer, limits)
      : createProtobufLogEncoder(producer, limits);
  const open = openOtlpHttp<LogRecord>(destination, encoder, settings);
  const ledger = createItemLedger(source.store, destination.name, 'scores', 'logs');
  try {
    const target = {
      send: (records: readonly LogRecord[]) => open.sender.send(records),
      chunkItems: settings.batchItems,
    };
    const result = await deliverItems(recordsOf(scores), target, ledger, {}, itemOptions(context));
    return itemReport(destination.name, 'score', result, wire, []);
  } finally {
    await open.close();
  }
}

function* recordsOf(traces: Iterable<TraceItems<SendableScore>>): Generator<TraceItems<LogRecord>> {
  for (const trace of traces)
    yield { ...trace, items: trace.items.map((each) => ({ ...each, item: recordOf(each.item) })) };
}

function recordOf({ score, traceId, spanId }: SendableScore): LogRecord {
  const attributes: Record<string, string | number> = { 'gen_ai.evaluation.name': score.name };
  if (score.value !== undefined) attributes['gen_ai.evaluation.score.value'] = score.value;
  if (score.label !== undefined) attributes['gen_ai.evaluation.score.label'] = score.label;
  if (score.comment !== undefined) attributes['gen_ai.evaluation.explanation'] = score.comment;
  attributes['session.id'] = score.sessionId;
  attributes['agent_strace.score.source'] = score.source;
  return {
    eventName: 'gen_ai.evaluation.result',
    atMicros: score.atMicros,
    traceId,
    spanId,
    severityNumber: SEVERITY_INFO,
    attributes,
  };
}
