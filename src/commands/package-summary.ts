import type { PackageReport } from '../audit/package-options.ts';

/** What was written, for the person who asked for it. */
export function packageSummary(
  report: PackageReport,
  id: string,
  keys: readonly string[],
  where: string,
): string[] {
  const withheld = Object.entries(report.withheld).map(([reason, count]) => `${count} ${reason}`);
  const signed = keys.length === 0 ? 'unsigned' : `signed by ${keys.join(', ')}`;
  return [
    `audit package ${id}, ${signed}, written to ${where}`,
    `${plural(report.sessions, 'session')}, ${plural(report.events, 'event')}; contents: ${report.disclosed} enclosed, ` +
      `not enclosed: ${withheld.length === 0 ? 'none' : withheld.join(', ')}`,
    `sha256 ${report.packageHash}`,
  ];
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
