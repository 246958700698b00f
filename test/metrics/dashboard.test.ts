import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { METRIC_ATTRIBUTES, SCORE_GAUGE } from '../../src/metrics/gauges.ts';
import { METRICS } from '../../src/metrics/metrics-table.ts';

interface Panel {
  readonly id: number;
  readonly title: string;
  readonly targets: readonly { readonly expr: string }[];
}

const dashboard = JSON.parse(
  readFileSync(new URL('../../examples/grafana/agent-sessions.json', import.meta.url), 'utf8'),
) as { readonly panels: readonly Panel[] };

const underscored = (name: string) => name.replaceAll('.', '_');

test('the dashboard asks only for metrics and labels that are sent', () => {
  const gauges = [...METRICS.filter((metric) => metric.gauge), SCORE_GAUGE];
  const names = new Set(gauges.map(({ name }) => underscored(name)));
  const labels = new Set(METRIC_ATTRIBUTES.map(({ attribute }) => underscored(attribute)));
  const queries = dashboard.panels.flatMap((panel) => panel.targets.map((target) => target.expr));
  const used = queries.flatMap((query) => query.match(/agent_strace_(?:session|eval)_\w+/g) ?? []);
  expect(new Set(used)).toEqual(names);
  for (const query of queries) {
    for (const [, label = ''] of query.matchAll(/(\w+)=~/g)) {
      if (label !== '__name__') expect(labels).toContain(label);
    }
  }
  expect(new Set(dashboard.panels.map((panel) => panel.id)).size).toBe(dashboard.panels.length);
});
