import type { SourceReport } from '../ingest/report.ts';
import { printable } from '../view/terminal-text.ts';
import { counted } from './output/counted.ts';
import { nearPath } from './output/short-path.ts';

/** The lines that report on one source; none if there is nothing to report. */
export function* importLines(report: SourceReport, home: string): Generator<string> {
  const name = `${report.agent} ${printable(nearPath(report.path, home, process.cwd()))}`;
  if (report.status === 'failed') {
    const error = report.error ?? 'failed';
    const why = error.startsWith(`${report.path} `) ? error.slice(report.path.length + 1) : error;
    yield `✗ ${name}: ${printable(why)}`;
    return;
  }
  if (hasNothingNew(report)) return;
  const parts = [
    counted(report.records, 'record'),
    `${counted(report.eventsAdded, 'event')} added`,
  ];
  if (report.withoutConversation) parts.push('no conversation in it');
  if (report.unknown > 0) parts.push(`${report.unknown} unknown (kept)`);
  if (report.broken > 0) parts.push(`${report.broken} broken`);
  if (report.copies > 0) parts.push(`${report.copies} copied from another session and left out`);
  yield `${report.broken > 0 ? '!' : '✓'} ${name}: ${parts.join(', ')}`;
  for (const { line, reason } of report.brokenLines) yield `    line ${line}: ${reason}`;
  if (report.broken > report.brokenLines.length)
    yield `    and ${report.broken - report.brokenLines.length} more broken lines`;
  for (const [shape, count] of Object.entries(report.unknownShapes))
    yield `    unknown ${printable(shape)}: ${count}`;
  if (report.pruned.size > 0) {
    const sessions = [...report.pruned].slice(0, 5).map(printable).join(', ');
    yield `    pruned earlier, not imported again without --force: ${sessions}${report.pruned.size > 5 ? ', …' : ''}`;
  }
  if (report.pending) yield '    the last line is incomplete; the next import reads it';
  for (const warning of report.warnings) yield `    warning: ${printable(warning)}`;
}

/** True for a file that was not read, and for a document that was read again but had nothing new. */
function hasNothingNew(report: SourceReport): boolean {
  if (report.status === 'unchanged') return true;
  const told = report.eventsAdded + report.unknown + report.broken + report.copies;
  const remarks = report.warnings.length + report.pruned.size;
  return (
    report.status === 'read' && told + remarks === 0 && !report.pending && report.eventsKnown > 0
  );
}

/** One line about the whole run, and the same as figures. */
export function importSummary(reports: readonly SourceReport[], refused: number) {
  const sum = (of: (report: SourceReport) => number) =>
    reports.reduce((total, report) => total + of(report), 0);
  const figures = {
    files: reports.length,
    unchanged: reports.filter((report) => report.status === 'unchanged').length,
    failed: reports.filter((report) => report.status === 'failed').length + refused,
    records: sum((report) => report.records),
    broken: sum((report) => report.broken),
    unknown: sum((report) => report.unknown),
    eventsAdded: sum((report) => report.eventsAdded),
    pruned: new Set(reports.flatMap((report) => [...report.pruned])).size,
    sessionCount: new Set(
      reports.filter((report) => !hasNothingNew(report)).flatMap((report) => [...report.sessions]),
    ).size,
  };
  const line =
    `${counted(figures.files, 'file')}, ${figures.unchanged} unchanged, ${figures.failed} failed; ` +
    `${counted(figures.sessionCount, 'session')}, ${counted(figures.eventsAdded, 'event')} added, ${counted(figures.broken, 'broken record')}`;
  return { figures, line };
}
