import { METRICS } from '../metrics/metrics-table.ts';
import type { SessionMetrics } from '../metrics/session-metrics.ts';
import { formatCost, formatCount, formatDuration } from './format.ts';
import type { ViewerMetric } from './viewer-data.ts';

/** Formats a value in the unit of its metric (UCUM) for display. */
function formatValue(value: number, unit: string, metrics: SessionMetrics): string {
  if (unit === 's') return formatDuration(value * 1e6);
  if (unit === '{USD}') {
    const { costBasis: basis = 'recorded', unpricedCalls } = metrics;
    return formatCost({ usd: value, basis, unpricedCalls });
  }
  if (unit === '1') return `${Number((value * 100).toFixed(1))} %`;
  return formatCount(value);
}

/** The known behavioural metrics of a session, each with its meaning. */
export function viewerMetrics(metrics: SessionMetrics): ViewerMetric[] {
  return METRICS.flatMap((metric) => {
    const value = metric.of(metrics);
    if (value === undefined) return [];
    const { title, description, unit } = metric;
    return [{ title, text: formatValue(value, unit, metrics), description }];
  });
}
