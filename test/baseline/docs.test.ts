import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { POPULATIONS, rowsOf, TRIALS } from '../../bench/baseline-simulation.ts';
import { DEFAULT_MIN_SESSIONS, DEFAULT_THRESHOLD } from '../../src/baseline/compare.ts';
import { CHECK_FORMATS } from '../../src/baseline/render/formats.ts';

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const guide = read('docs/ci-gate.md');

describe('docs/ci-gate.md', () => {
  test.each([
    [0, 10],
    [2, 5],
  ])('the table of population %i has what the simulation finds for n = %i', (index, n) => {
    const population = POPULATIONS[index]!;
    const section = guide.slice(guide.indexOf(`**${population.title}**`)).split('\n\n')[1] ?? '';
    for (const row of rowsOf(population, n, TRIALS)) expect(section).toContain(`${row}\n`);
  });

  test('names every format and the defaults', () => {
    for (const format of Object.keys(CHECK_FORMATS)) expect(guide).toContain(`\`${format}\``);
    expect(guide).toContain(`(default ${DEFAULT_THRESHOLD.toFixed(1)})`);
    expect(guide).toContain(`(default ${DEFAULT_MIN_SESSIONS})`);
  });
});

test('the examples use formats that exist', () => {
  const examples = ['examples/ci/github/agent-gate.yml', 'examples/ci/gitlab/agent-gate.yml'];
  const used = examples.flatMap((path) =>
    [...read(path).matchAll(/--format (\w+)/g)].map((match) => match[1]!),
  );
  expect(used.length).toBeGreaterThan(2);
  for (const format of used) expect(Object.keys(CHECK_FORMATS)).toContain(format);
});
