import type { Row } from './row.ts';

/**
 * How often a tool ran, and the outcomes; times are microseconds. A denied call did not run and is counted
 * separately; one without a recorded end has no time.
 */
export interface ToolStatistics {
  readonly name: string;
  readonly calls: number;
  readonly errors: number;
  readonly denied: number;
  readonly silent: number;
  /** Number of calls on which the times are based. */
  readonly timed: number;
  readonly totalMicros: number;
  readonly medianMicros: number;
  readonly p95Micros: number;
  readonly longestMicros: number;
}

/** The value that the given `share` of the sorted values do not exceed (nearest rank). */
export function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0;
}

function statisticsOf(name: string, rows: readonly Row[]): ToolStatistics {
  const ran = rows.filter((row) => row.mark !== 'denied');
  const times = ran
    .filter((row) => row.mark !== 'unfinished')
    .map((row) => row.endMicros - row.startMicros)
    .sort((a, b) => a - b);
  const count = (mark: Row['mark']): number => rows.filter((row) => row.mark === mark).length;
  return {
    name,
    calls: ran.length,
    errors: count('error'),
    denied: rows.length - ran.length,
    silent: count('silent_failure'),
    timed: times.length,
    totalMicros: times.reduce((sum, time) => sum + time, 0),
    medianMicros: percentile(times, 0.5),
    p95Micros: percentile(times, 0.95),
    longestMicros: times.at(-1) ?? 0,
  };
}

/** Statistics of every tool called in the session. */
export function toolStatistics(rows: readonly Row[]): ToolStatistics[] {
  const byName = new Map<string, Row[]>();
  for (const row of rows) {
    if (row.kind !== 'tool_call') continue;
    const known = byName.get(row.name);
    if (known) known.push(row);
    else byName.set(row.name, [row]);
  }
  return [...byName].map(([name, calls]) => statisticsOf(name, calls));
}
