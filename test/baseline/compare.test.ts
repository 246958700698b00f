import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type CheckOptions, checkSession, exitCodeOf } from '../../src/baseline/compare.ts';
import { type Baseline, buildProfile } from '../../src/baseline/profile.ts';
import { baselineOf, ofToolCalls, session } from './measured-sessions.ts';

function toolCalls(value: number | undefined, baseline: Baseline, options: CheckOptions = {}) {
  const tested = session('new', { toolCalls: value as number });
  const result = checkSession(tested, baseline, { metrics: ['tool_calls'], ...options });
  return { ...result.metrics[0]!, whole: result };
}

describe('check', () => {
  test('z is the distance from the mean in sample standard deviations', () => {
    const check = toolCalls(14, ofToolCalls(8, 9, 10, 11, 12));
    expect(check.z).toBeCloseTo(4 / Math.sqrt(2.5), 12);
    expect(check).toMatchObject({ verdict: 'anomalous', value: 14, n: 5, center: 10 });
    expect(check.low).toBeCloseTo(10 - 2 * Math.sqrt(2.5), 12);
    expect(check.high).toBeCloseTo(10 + 2 * Math.sqrt(2.5), 12);
    expect(exitCodeOf(check.whole)).toBe(1);
  });

  test('the threshold decides, in either direction unless told otherwise', () => {
    const baseline = ofToolCalls(8, 9, 10, 11, 12);
    expect(toolCalls(13, baseline).verdict).toBe('inside');
    expect(toolCalls(14, baseline, { threshold: 2.6 }).verdict).toBe('inside');
    expect(toolCalls(6, baseline).verdict).toBe('anomalous');
    expect(toolCalls(6, baseline, { direction: 'up' })).toMatchObject({
      verdict: 'inside',
      low: undefined,
    });
    expect(toolCalls(14, baseline, { direction: 'up' }).verdict).toBe('anomalous');
    expect(exitCodeOf(toolCalls(13, baseline).whole)).toBe(0);
  });

  test('robust: one wild session in the baseline does not hide another', () => {
    const baseline = ofToolCalls(8, 9, 10, 11, 12, 500);
    expect(toolCalls(60, baseline).verdict).toBe('inside');
    const check = toolCalls(60, baseline, { robust: true });
    expect(check).toMatchObject({ verdict: 'anomalous', center: 10.5 });
    expect(check.spread).toBeCloseTo(1.4826 * 1.5, 12);
  });

  test('robust, if more than half are equal: the mean deviation is used', () => {
    const check = toolCalls(12, ofToolCalls(10, 10, 10, 10, 10, 30, 50), { robust: true });
    expect(check.spread).toBeCloseTo((1.2533 * 60) / 7, 12);
    expect(check.verdict).toBe('inside');
  });

  test('zero variance: the same value passes, another is flagged, rounding is not', () => {
    const baseline = baselineOf(Array.from({ length: 6 }, (_, i) => session(`s${i}`)));
    expect(checkSession(session('new'), baseline).verdict).toBe('inside');
    for (const robust of [false, true]) {
      const flagged = checkSession(session('new', { toolCalls: 11, errorRate: 0.1 }), baseline, {
        robust,
      });
      const anomalous = flagged.metrics.filter((metric) => metric.verdict === 'anomalous');
      expect(anomalous.map((metric) => metric.key)).toEqual(['tool_calls', 'error_rate']);
    }
    const large = ofToolCalls(...Array<number>(5).fill(10_000));
    expect(toolCalls(10_020, large).verdict).toBe('inside');
    expect(toolCalls(10_021, large).verdict).toBe('anomalous');
    const nearly = session('new', { costUsd: 1.0015, durationS: 60.1 });
    expect(checkSession(nearly, baseline).verdict).toBe('inside');
  });

  test('n is per metric; too few values are not judged and say so', () => {
    const sessions = Array.from({ length: 8 }, (_, i) =>
      session(`s${i}`, { costUsd: i < 4 ? i : undefined, toolCalls: 10 + (i % 2) }),
    );
    const result = checkSession(session('new'), baselineOf(sessions));
    const cost = result.metrics.find((metric) => metric.key === 'cost_usd');
    expect(cost).toMatchObject({ verdict: 'not_judged', reason: 'few_sessions', n: 4, value: 1 });
    expect(result.verdict).toBe('inside');
    const wanted = checkSession(session('new'), baselineOf(sessions), { minSessions: 4 });
    expect(wanted.metrics.find((metric) => metric.key === 'cost_usd')?.verdict).toBe('inside');
  });

  test('nothing judged is exit 2, not a pass', () => {
    const few = checkSession(session('new', { toolCalls: 99 }), ofToolCalls(1, 2, 3, 4));
    expect(few.verdict).toBe('not_judged');
    expect(exitCodeOf(few)).toBe(2);
    const absent = toolCalls(undefined, ofToolCalls(1, 2, 3, 4, 5));
    expect(absent).toMatchObject({ verdict: 'not_judged', reason: 'no_value' });
    expect(exitCodeOf(absent.whole)).toBe(2);
    expect(exitCodeOf(checkSession(session('new'), baselineOf([])))).toBe(2);
  });

  test('the session under test never counts in its own baseline', () => {
    const sessions = [10, 10, 11, 9, 10, 1000].map((calls, i) =>
      session(`s${i}`, { toolCalls: calls }),
    );
    const options = { metrics: ['tool_calls'] };
    const own = checkSession(sessions[5]!, baselineOf(sessions), options);
    const without = checkSession(sessions[5]!, baselineOf(sessions.slice(0, 5)), options);
    expect(own).toMatchObject({ excluded: true, verdict: 'anomalous' });
    expect(own.metrics).toEqual(without.metrics);
    expect(without.excluded).toBe(false);
    const five = checkSession(sessions[0]!, baselineOf(sessions.slice(0, 5)), options);
    expect(five.metrics[0]).toMatchObject({ n: 4, verdict: 'not_judged' });
  });

  test('a running session is judged only when asked', () => {
    const running = session('new', { state: 'running' });
    const baseline = ofToolCalls(9, 10, 11, 10, 9);
    expect(() => checkSession(running, baseline)).toThrow(
      expect.objectContaining({ code: 'not_judged', exitCode: 2 }),
    );
    expect(checkSession(running, baseline, { allowOpen: true }).verdict).toBe('inside');
    expect(checkSession(session('new', { state: 'quiet' }), baseline).verdict).toBe('inside');
  });

  test.each([
    [{ threshold: 0 }, /--threshold/],
    [{ threshold: Number.NaN }, /--threshold/],
    [{ minSessions: 1 }, /--min-sessions/],
    [{ minSessions: 2.5 }, /--min-sessions/],
    [{ metrics: ['tool_calls', 'colour'] }, /"colour" is not one of cost_usd/],
    [{ metrics: [] }, /names no metric/],
  ])('%j is refused', (options, reason) => {
    expect(() => checkSession(session('new'), ofToolCalls(1, 2, 3, 4, 5), options)).toThrow(reason);
  });

  test('a baseline of one value many times or of values in another order judges the same', () => {
    const values = fc.array(fc.integer({ min: 0, max: 500 }), { minLength: 5, maxLength: 30 });
    fc.assert(
      fc.property(
        values,
        fc.integer({ min: 0, max: 2000 }),
        fc.boolean(),
        (list, value, robust) => {
          const one = toolCalls(value, ofToolCalls(...list), { robust });
          const other = toolCalls(value, ofToolCalls(...list.toReversed()), { robust });
          expect(other.z).toBe(one.z);
          expect(Number.isFinite(one.z)).toBe(true);
          const within = value >= one.low! - 1e-9 && value <= one.high! + 1e-9;
          expect(one.verdict === 'inside').toBe(within);
        },
      ),
    );
  });
});

test('a session that comes twice counts once, and absent values not at all', () => {
  const head = { name: 'x', createdAtMicros: 0, selection: {} };
  const sessions = [
    session('a', { toolCalls: 1 }),
    session('a', { toolCalls: 3 }),
    session('b', { errorRate: undefined }),
  ];
  const baseline = buildProfile(sessions, head);
  expect(baseline.samples).toHaveLength(2);
  expect(baseline.metrics.tool_calls).toMatchObject({ n: 2, min: 3, max: 10 });
  expect(baseline.metrics.error_rate?.n).toBe(1);
  expect(baseline.metrics.input_tokens).toBeUndefined();
  expect(JSON.stringify(baseline)).not.toContain('"a"');
});
