import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createRedactor } from '../../../src/processing/redaction/redactor.ts';
import { cleanLine, MUST_SURVIVE } from './clean-text.ts';
import { SeededRandom } from './seeded-random.ts';

const redactor = createRedactor({ key: Buffer.alloc(32, 1) });

describe('what people need to read stays as it is', () => {
  for (const [name, generate] of Object.entries(MUST_SURVIVE)) {
    test(name, () => {
      const random = new SeededRandom(11);
      for (let round = 0; round < 200; round++) {
        const value = generate(random);
        for (const text of [value, `see ${value} here`, `"${value}"`, `a\n${value}\nb`]) {
          expect(redactor.text(text)).toBe(text);
          const json = JSON.stringify({ value: text, list: [text, 1, null] });
          expect(redactor.json(json)).toBe(json);
        }
      }
    });
  }
});

test('under one per cent of generated clean lines are touched', () => {
  const random = new SeededRandom(99);
  const lines = Array.from({ length: 20_000 }, () => cleanLine(random));
  const touched = lines.filter((line) => redactor.text(line) !== line);
  expect(touched.length / lines.length, touched.slice(0, 5).join('\n')).toBeLessThan(0.01);
});

const samples = process.env['AGENT_STRACE_SAMPLES'];

test.skipIf(samples === undefined)(
  'in real recordings less than one per cent of lines hold a secret or an address',
  () => {
    let lines = 0;
    let touched = 0;
    for (const text of texts(samples as string)) {
      for (const line of text.split('\n')) {
        if (line.trim() === '' || line.length > 4000) continue;
        lines++;
        const counts = new Map<string, number>();
        redactor.text(line, counts);
        // Names of home folders are in every other line of a recording, and rightly replaced.
        counts.delete('home-folder');
        if (counts.size > 0) touched++;
      }
    }
    expect(lines).toBeGreaterThan(1000);
    expect(touched / lines).toBeLessThan(0.01);
  },
);

function* texts(folder: string): Generator<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    if (!entry.name.endsWith('.jsonl')) continue;
    for (const line of readFileSync(join(entry.parentPath, entry.name), 'utf8').split('\n')) {
      try {
        yield* stringsOf(JSON.parse(line));
      } catch {
        yield line;
      }
    }
  }
}

function* stringsOf(value: unknown): Generator<string> {
  if (typeof value === 'string') yield value;
  else if (typeof value === 'object' && value !== null)
    for (const inner of Object.values(value)) yield* stringsOf(inner);
}
