import type { ItemsResult } from '../../delivery/deliver-items.ts';
import type { TransportCounters } from '../../exporters/accounting.ts';
import type { Destination } from '../../exporters/destination.ts';
import type { SendSettings } from '../../exporters/otlp-http.ts';
import { VERSION } from '../../version.ts';
import type { CommandContext } from '../command.ts';
import type { DestinationReport } from './export-send.ts';
import { requestTimeoutMillis } from './request-timeout.ts';

const DEFAULT_RETRY_MILLIS = 120_000;
const MAX_LISTED = 20;
const MAX_MESSAGES = 5;

/** Settings for sending data points and scores: the same flags as for spans. */
export function itemSendSettings(
  context: CommandContext,
  destination: Destination,
  counters: TransportCounters,
  usualBatch: number,
): SendSettings {
  const number = (name: string) => context.options[name] as number | undefined;
  return {
    deadlineMillis: requestTimeoutMillis(context, destination),
    retryForMillis: number('retryFor') ?? DEFAULT_RETRY_MILLIS,
    batchItems: number('batchSize') ?? destination.maxBatchItems ?? usualBatch,
    userAgent: `agent-strace/${VERSION}`,
    environment: context.env,
    signal: context.signal,
    counters,
    onRetry: ({ delayMillis, reason }) =>
      context.say(
        `${destination.name}: ${reason}; next try in ${(delayMillis / 1000).toFixed(1)} s`,
      ),
  };
}

/** The outcome of sending data points or scores, as a report like that for spans. */
export function itemReport(
  destination: string,
  what: NonNullable<DestinationReport['what']>,
  result: ItemsResult,
  wire: TransportCounters,
  running: readonly string[],
): DestinationReport {
  return {
    destination,
    what,
    sessions: result.traces + result.alreadyDelivered,
    sent: result.traces,
    alreadyDelivered: result.alreadyDelivered,
    running,
    deleted: [],
    damaged: [],
    accepted: result.accepted,
    rejected: result.rejected,
    refused: result.refused
      .slice(0, MAX_LISTED)
      .map(({ key, status, message }) => ({ spanId: key, name: what, status, message })),
    notTried: 0,
    unsent: result.unsent,
    reason: result.reason,
    messages: [...new Set(result.messages)].slice(0, MAX_MESSAGES),
    changedSettings: [...result.changedSettings],
    changedSinceDelivery: [],
    wire,
  };
}
