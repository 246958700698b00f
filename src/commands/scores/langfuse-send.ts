import { deliverItems, type TraceItems } from '../../delivery/deliver-items.ts';
import { AgentStraceError } from '../../errors.ts';
import { createCounters } from '../../exporters/accounting.ts';
import type { Destination } from '../../exporters/destination.ts';
import { type LangfuseScore, toLangfuseScore } from '../../exporters/langfuse-score.ts';
import { type LangfuseScoreOptions, sendLangfuseScores } from '../../exporters/langfuse-scores.ts';
import { environmentOf } from '../../mappers/langfuse/trace-rows.ts';
import { createItemLedger } from '../../store/item-ledger.ts';
import { VERSION } from '../../version.ts';
import type { CommandContext } from '../command.ts';
import type { DestinationReport } from '../export/export-report.ts';
import type { SpanSource } from '../export/export-trace.ts';
import { itemOptions, itemReport } from '../export/item-report.ts';
import { sendSettings } from '../export/send-settings.ts';
import type { SendableScore } from './sendable-score.ts';

const USUAL_BATCH_SCORES = 100;
/** The path below the base URL to which the preset sends traces. */
const TRACES_PATH = /\/api\/public\/otel\/v1\/traces\/?$/;

/** Posts scores to the score API of Langfuse, with the ids that the traces and observations have there. */
export async function sendToLangfuse(
  context: CommandContext,
  source: SpanSource,
  destination: Destination,
  scores: Iterable<TraceItems<SendableScore>>,
): Promise<DestinationReport> {
  const wire = createCounters();
  const settings = sendSettings(context, destination, wire, USUAL_BATCH_SCORES);
  const options: LangfuseScoreOptions = {
    ...accessOf(destination),
    requestMillis: settings.deadlineMillis,
    deadlineMillis: context.options['retryFor'] as number | undefined,
    maxBatch: Math.min(settings.batchItems, USUAL_BATCH_SCORES),
    signal: context.signal,
    counters: wire,
    connection: { environment: context.env, tls: destination.tls },
  };
  const environment = environmentOf(
    (source.settings.profile['environment'] as string | null) ?? undefined,
  );
  const ledger = createItemLedger(source.store, destination.name, 'scores', 'langfuse');
  const target = {
    send: (items: readonly LangfuseScore[]) => sendLangfuseScores(items, options),
    chunkItems: USUAL_BATCH_SCORES,
  };
  const result = await deliverItems(
    bodiesOf(scores, environment),
    target,
    ledger,
    {},
    itemOptions(context),
  );
  return itemReport(destination.name, 'score', result, wire, []);
}

/** Host, keys and the user's own headers for scores: the same as for traces. */
function accessOf({ url, headers }: Destination) {
  if (!TRACES_PATH.test(url))
    throw new AgentStraceError(
      'wrong_endpoint',
      `cannot derive the base URL of Langfuse from ${url}`,
    );
  const more: Record<string, string> = { 'user-agent': `agent-strace/${VERSION}` };
  let authorization = '';
  for (const [name, value] of Object.entries(headers)) {
    if (name.toLowerCase() === 'authorization') authorization = value;
    else more[name] = value;
  }
  return { host: url.replace(TRACES_PATH, ''), authorization, headers: more };
}

function* bodiesOf(
  traces: Iterable<TraceItems<SendableScore>>,
  environment: string | undefined,
): Generator<TraceItems<LangfuseScore>> {
  for (const trace of traces) {
    const items = trace.items.map((each) => {
      const { score, traceId, spanId } = each.item;
      return {
        ...each,
        item: toLangfuseScore({ ...score, operationId: spanId }, traceId, environment),
      };
    });
    yield { ...trace, items };
  }
}
