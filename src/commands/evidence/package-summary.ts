import type { PackageReport } from '../../audit/package-options.ts';
import { counted } from '../output/counted.ts';

/** What was written, for the user. */
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
    `${counted(report.sessions, 'session')}, ${counted(report.events, 'event')}; contents: ${report.disclosed} enclosed, ` +
      `not enclosed: ${withheld.length === 0 ? 'none' : withheld.join(', ')}`,
    `sha256 ${report.packageHash}`,
  ];
}
