import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { quantile, statisticsOf } from '../../src/baseline/statistics.ts';

describe('statistics', () => {
  test('worked out by hand', () => {
    expect(statisticsOf([2, 4, 4, 4, 5, 5, 7, 9])).toEqual({
      n: 8,
      mean: 5,
      sd: Math.sqrt(32 / 7),
      median: 4.5,
      mad: 0.5,
      meanDeviation: 1.5,
      p95: expect.closeTo(8.3, 12),
      min: 2,
      max: 9,
    });
    expect(statisticsOf([3])).toEqual({
      n: 1,
      mean: 3,
      sd: 0,
      median: 3,
      mad: 0,
      meanDeviation: 0,
      p95: 3,
      min: 3,
      max: 3,
    });
    expect(statisticsOf([])).toBeUndefined();
  });

  test('agree with the textbook formulas, in any order', () => {
    const values = fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 2, maxLength: 60 });
    fc.assert(
      fc.property(values, (list) => {
        const got = statisticsOf(list)!;
        const n = list.length;
        const mean = list.reduce((a, b) => a + b) / n;
        const sumOfSquares = list.reduce((a, b) => a + b * b, 0);
        const variance = Math.max(0, (sumOfSquares - n * mean * mean) / (n - 1));
        expect(got.mean).toBeCloseTo(mean, 9);
        expect(got.sd).toBeCloseTo(Math.sqrt(variance), 3);
        const median = middleOf(list);
        expect(got.median).toBe(median);
        expect(got.mad).toBe(middleOf(list.map((value) => Math.abs(value - median))));
        expect(list.filter((value) => value <= got.p95).length / n).toBeGreaterThanOrEqual(
          Math.floor(0.95 * (n - 1)) / n,
        );
        expect([got.min, got.max]).toEqual([Math.min(...list), Math.max(...list)]);
        expect(statisticsOf(list.toReversed())).toEqual(got);
      }),
    );
  });

  test('quantiles are interpolated', () => {
    expect(quantile([0, 10], 0.25)).toBe(2.5);
    expect(quantile([1, 2, 3], 1)).toBe(3);
  });
});

function middleOf(list: readonly number[]): number {
  const sorted = list.toSorted((a, b) => a - b);
  const half = sorted.length / 2;
  return sorted.length % 2 === 1
    ? sorted[Math.floor(half)]!
    : (sorted[half - 1]! + sorted[half]!) / 2;
}
