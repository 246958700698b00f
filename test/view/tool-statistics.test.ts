import { describe, expect, it } from 'vitest';
import type { Row } from '../../src/view/app/row.ts';
import { percentile, toolStatistics } from '../../src/view/app/tool-statistics.ts';

function call(name: string, micros: number, mark: Row['mark'] = 'ok'): Row {
  const row: Partial<Row> = {
    kind: 'tool_call',
    name,
    mark,
    startMicros: 5,
    endMicros: 5 + micros,
  };
  return row as Row;
}

describe('toolStatistics', () => {
  it('counts per tool, refused calls apart because they did not run, and takes percentiles of recorded times', () => {
    const rows = [
      ...Array.from({ length: 19 }, (_, index) => call('Bash', index + 1)),
      call('Bash', 500, 'error'),
      call('Bash', 9000, 'denied'),
      call('Read', 7, 'denied'),
      call('Bash', 0, 'unfinished'),
      { ...call('turn', 9), kind: 'turn' as const },
    ];
    expect(toolStatistics(rows)).toEqual([
      {
        name: 'Bash',
        calls: 21,
        errors: 1,
        denied: 1,
        silent: 0,
        timed: 20,
        totalMicros: 690,
        medianMicros: 10,
        p95Micros: 19,
        longestMicros: 500,
      },
      {
        name: 'Read',
        calls: 0,
        errors: 0,
        denied: 1,
        silent: 0,
        timed: 0,
        totalMicros: 0,
        medianMicros: 0,
        p95Micros: 0,
        longestMicros: 0,
      },
    ]);
  });

  it('has percentiles of one value and of none', () => {
    expect([percentile([4], 0.5), percentile([4], 0.95), percentile([], 0.5)]).toEqual([4, 4, 0]);
  });
});
