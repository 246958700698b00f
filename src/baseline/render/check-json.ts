import { type CheckResult, exitCodeOf, type MetricCheck } from '../compare.ts';

/** One JSON document for scripts; unknown numbers are null. docs/ci-gate.md describes its members. */
export function renderCheckJson(result: CheckResult): string {
  const document = {
    session: result.sessionId,
    baseline: result.baseline,
    verdict: result.verdict,
    exit_code: exitCodeOf(result),
    threshold: result.threshold,
    direction: result.direction,
    method: result.robust ? 'median_mad' : 'mean_sd',
    min_sessions: result.minSessions,
    excluded_itself: result.excluded,
    metrics: result.metrics.map(metricOf),
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

function metricOf(metric: MetricCheck): Record<string, unknown> {
  const { statistics } = metric;
  return {
    metric: metric.key,
    unit: metric.unit,
    verdict: metric.verdict,
    reason: metric.reason ?? null,
    value: metric.value ?? null,
    n: metric.n,
    mean: statistics?.mean ?? null,
    sd: statistics?.sd ?? null,
    median: statistics?.median ?? null,
    mad: statistics?.mad ?? null,
    p95: statistics?.p95 ?? null,
    min: statistics?.min ?? null,
    max: statistics?.max ?? null,
    center: metric.center ?? null,
    spread: metric.spread ?? null,
    z: metric.z ?? null,
    low: metric.low ?? null,
    high: metric.high ?? null,
  };
}
