import type { ItemOptions, ItemsResult } from '../../delivery/deliver-items.ts';
import type { TransportCounters } from '../../exporters/accounting.ts';
import type { CommandContext } from '../command.ts';
import { type DestinationReport, MAX_LISTED, MAX_MESSAGES } from './export-report.ts';

/** How the items of a run are delivered, as its flags say. */
export function itemOptions({ options, signal }: CommandContext): ItemOptions {
  return { force: options['force'] === true, dryRun: options['dryRun'] === true, signal };
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
