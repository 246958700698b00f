import { readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import {
  DEFAULT_METRIC_ATTRIBUTES,
  METRIC_ATTRIBUTES,
  SCORE_GAUGE,
} from '../../src/metrics/gauges.ts';
import { METRICS } from '../../src/metrics/metrics-table.ts';
import { SILENT_FAILURE_PATTERNS } from '../../src/processing/silent-failure.ts';

const path = new URL('../../docs/metrics.md', import.meta.url);

const sections: Readonly<Record<string, readonly string[]>> = {
  metrics: [
    '| metric | title | unit | meaning | more is worse | floor |',
    '| --- | --- | --- | --- | --- | ---: |',
    ...METRICS.map(
      ({ key, title, unit, description, direction, floor }) =>
        `| \`${key}\` | ${title} | \`${unit}\` | ${description} | ${direction === 'up' ? 'yes' : 'not in itself'} | ${floor} |`,
    ),
  ],
  'silent-failures': [
    '| pattern | what it takes for a failure |',
    '| --- | --- |',
    ...SILENT_FAILURE_PATTERNS.map(({ name, description }) => `| \`${name}\` | ${description} |`),
  ],
  attributes: [
    '| choice | attribute | by default |',
    '| --- | --- | --- |',
    ...METRIC_ATTRIBUTES.map(
      ({ key, attribute }) =>
        `| \`${key}\` | \`${attribute}\` | ${DEFAULT_METRIC_ATTRIBUTES.includes(key) ? 'yes' : 'no'} |`,
    ),
  ],
};

function written(document: string, name: string): string {
  const between = new RegExp(`<!-- ${name}:begin -->\\n([^]*?)<!-- ${name}:end -->`);
  return between.exec(document)?.[1]?.trim() ?? '';
}

/** `UPDATE_DOCS=1` writes the tables anew. */
test.each(Object.keys(sections))('docs/metrics.md has the %s as the code has them', (name) => {
  const wanted = sections[name]!.join('\n');
  const document = readFileSync(path, 'utf8');
  if (process.env.UPDATE_DOCS === '1') {
    const begin = `<!-- ${name}:begin -->\n`;
    const [before, after] = document.split(begin) as [string, string];
    const rest = after.slice(after.indexOf(`<!-- ${name}:end -->`));
    writeFileSync(path, `${before}${begin}${wanted}\n${rest}`);
  }
  expect(written(readFileSync(path, 'utf8'), name)).toBe(wanted);
});

test('docs/metrics.md names every gauge with its unit, and no other', () => {
  const rows =
    readFileSync(path, 'utf8').match(
      /^\| `agent_strace\.(?:session|eval)\.\w+` \| `[^`]+` \|$/gm,
    ) ?? [];
  const gauges = [...METRICS.filter((metric) => metric.gauge), SCORE_GAUGE];
  expect(rows).toEqual(gauges.map(({ name, unit }) => `| \`${name}\` | \`${unit}\` |`));
});
