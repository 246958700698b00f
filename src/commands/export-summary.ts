import { printable } from '../view/terminal-text.ts';
import { formatBytes } from '../view/format.ts';
import type { DestinationReport } from './export-send.ts';

const MAX_NAMED = 3;

/** What a person needs to know of one destination: a line always, more lines where something is not as asked. */
export function* summaryLines(report: DestinationReport): Generator<string> {
  const { wire, what = 'span' } = report;
  const parts = [`${report.accepted} ${what}s of ${report.sent} ${report.sent === 1 ? 'session' : 'sessions'} accepted`];
  if (report.alreadyDelivered > 0) parts.push(`${report.alreadyDelivered} delivered before (--force sends again)`);
  if (report.unsent !== undefined && report.unsent > 0) {
    parts.push(report.reason === undefined ? `${report.unsent} would be sent (--dry-run)` : `${report.unsent} left`);
  }
  if (report.rejected > 0) parts.push(`${report.rejected} rejected by the server`);
  if (report.refused.length > 0) parts.push(`${report.refused.length} refused`);
  parts.push(`${wire.requests} requests, ${formatBytes(wire.bytes)}`);
  if (wire.retryableAnswers > 0) parts.push(`${wire.retryableAnswers} tried again`);
  if (wire.lostAnswers > 0) parts.push(`${wire.lostAnswers} answers lost`);
  yield `${report.destination}: ${parts.join(', ')}`;
  if (report.reason !== undefined) {
    const left = report.notTried > 0 ? `; ${report.notTried} further sessions were not tried` : '';
    yield `${report.destination}: stopped: ${printable(report.reason)}${left}. What was not taken goes with the next run.`;
  }
  for (const refused of report.refused) {
    yield `${report.destination}: ${what} ${refused.spanId} (${printable(refused.name)}) refused with HTTP ${refused.status}${refused.message === '' ? '' : `: ${printable(refused.message)}`}`;
  }
  for (const message of report.messages) yield `${report.destination}: the server says: ${printable(message)}`;
  if (report.running.length > 0) {
    yield `${report.destination}: still running, not sent: ${named(report.running)} (--allow-running sends them as they are; "watch" streams them)`;
  }
  if (report.changedSettings.length > 0) {
    yield `${report.destination}: ${report.changedSettings.join(', ')} differ from the first sending, which was kept; --force sends with the new settings`;
  }
  if (report.changedSinceDelivery.length > 0) {
    yield `${report.destination}: facts came after delivery for ${named(report.changedSinceDelivery)}; --force sends them`;
  }
}

function named(ids: readonly string[]): string {
  const shown = ids.slice(0, MAX_NAMED).map((id) => printable(id));
  return ids.length > MAX_NAMED ? `${shown.join(', ')} and ${ids.length - MAX_NAMED} more` : shown.join(', ');
}
