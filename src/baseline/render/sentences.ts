import type { CheckResult, MetricCheck } from '../compare.ts';
import { shownUnit, shownValue, shownZ } from './numbers.ts';

/** Why a metric was not judged, or how it compared; one sentence, free of foreign text. */
export function explain(metric: MetricCheck, result: CheckResult): string {
  if (metric.reason === 'no_value') return `${metric.title}: the session has no value`;
  if (metric.reason === 'few_sessions') {
    return `${metric.title}: ${metric.n} of the ${result.minSessions} sessions needed`;
  }
  const show = (value: number | undefined): string =>
    `${shownValue(value, metric.unit)}${shownUnit(metric.unit)}`;
  const middle = result.robust ? 'median' : 'mean';
  const range =
    metric.low === undefined
      ? `up to ${show(metric.high)}`
      : `${show(Math.max(0, metric.low))} to ${show(metric.high)}`;
  return `${metric.title} ${show(metric.value)}: expected ${range} (${middle} ${show(metric.center)}, z ${shownZ(metric.z)}, n ${metric.n})`;
}

/** The overall result in one sentence, free of foreign text. */
export function conclusion(result: CheckResult): string {
  const count = (verdict: MetricCheck['verdict']): number =>
    result.metrics.filter((metric) => metric.verdict === verdict).length;
  const judged = count('inside') + count('anomalous');
  if (result.verdict === 'not_judged') return 'not judged: no metric could be compared';
  const metrics = `${judged} metric${judged === 1 ? '' : 's'}`;
  const skipped = count('not_judged') > 0 ? `, ${count('not_judged')} not judged` : '';
  const outside = count('anomalous');
  return result.verdict === 'inside'
    ? `inside the baseline (${metrics}${skipped})`
    : `outside the baseline: ${outside} of ${metrics}${skipped}`;
}

/** How it was judged, in a few words. */
export function method(result: CheckResult): string {
  const spread = result.robust ? 'scaled MAD from the median' : 'standard deviations from the mean';
  const direction = result.direction === 'up' ? ', upwards only' : '';
  const excluded = result.excluded ? '; the session itself was left out of the baseline' : '';
  return `threshold ${result.threshold} ${spread}${direction}${excluded}`;
}
