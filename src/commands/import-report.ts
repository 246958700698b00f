import type { SourceReport } from '../ingest/report.ts';
import { printable } from '../view/terminal-text.ts';

/** The lines that tell a person what became of one source. */
export function* importLines(report: SourceReport): Generator<string> {
  const name = `${report.agent} ${printable(report.path)}`;
  if (report.status === 'failed') {
    yield `✗ ${name}: ${printable(report.error ?? 'failed')}`;
    return;
  }
  if (report.status === 'unchanged') {
    yield `= ${name}: nothing new`;
    return;
  }
  const parts = [
    `${report.records} records`,
    `${report.parsed} parsed`,
    `${report.ignored} known and ignored`,
    `${report.unknown} unknown (kept)`,
    `${report.broken} broken`,
    `${report.eventsAdded} events added`,
  ];
  if (report.copies > 0) parts.push(`${report.copies} copies of another session left out`);
  yield `${report.broken > 0 ? '!' : '✓'} ${name}: ${parts.join(', ')}`;
  for (const { line, reason } of report.brokenLines) yield `    line ${line}: ${reason}`;
  if (report.broken > report.brokenLines.length)
    yield `    and ${report.broken - report.brokenLines.length} more broken lines`;
  for (const [shape, count] of Object.entries(report.unknownShapes))
    yield `    unknown ${printable(shape)}: ${count}`;
  if (report.pruned.size > 0) {
    const sessions = [...report.pruned].slice(0, 5).map(printable).join(', ');
    yield `    pruned earlier, not taken again without --force: ${sessions}${report.pruned.size > 5 ? ', …' : ''}`;
  }
  if (report.pending) yield '    the last line is incomplete; the next import takes it';
  for (const warning of report.warnings) yield `    warning: ${printable(warning)}`;
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
    sessionCount: new Set(reports.flatMap((report) => [...report.sessions])).size,
  };
  const line =
    `${counted(figures.files, 'file')}, ${figures.unchanged} unchanged, ${figures.failed} failed; ` +
    `${counted(figures.sessionCount, 'session')}, ${figures.eventsAdded} events added, ${figures.broken} broken records`;
  return { figures, line };
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
