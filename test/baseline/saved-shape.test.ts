import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { damageOf } from '../../src/baseline/saved-shape.ts';
import { baselineOf, session } from './measured-sessions.ts';

const number = z.number();
const text = z.string().max(1000).optional();
const SCHEMA = z.strictObject({
  name: z.string().min(1).max(200),
  createdAtMicros: z.int(),
  selection: z.strictObject({
    sessions: z.int().min(1).optional(),
    since: text,
    until: text,
    agent: text,
    model: text,
    project: text,
  }),
  metrics: z.record(
    z.string().max(100),
    z.strictObject({
      n: z.int().min(1),
      mean: number,
      sd: number.min(0),
      median: number,
      mad: number.min(0),
      meanDeviation: number.min(0),
      p95: number,
      min: number,
      max: number,
    }),
  ),
  samples: z.array(
    z.strictObject({
      session: z.string().regex(/^[0-9a-f]{16}$/),
      values: z.record(z.string().max(100), number),
    }),
  ),
});

type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

const baseline = JSON.parse(
  JSON.stringify({
    ...baselineOf([session('a', { costUsd: 0.3 }), session('b', { toolCalls: 7 })], 'nightly'),
    selection: { sessions: 2, since: '7d', agent: 'claude' },
  }),
) as Json;

/** Every place of a value, as the names that lead there. */
function places(value: Json, path: string[] = []): string[][] {
  if (typeof value !== 'object' || value === null) return [path];
  return [
    path,
    ...Object.entries(value).flatMap(([name, member]) => places(member, [...path, name])),
  ];
}

function replaced(value: Json, [name, ...rest]: readonly string[], by: Json | undefined): unknown {
  if (name === undefined) return by;
  const copy = (Array.isArray(value) ? [...value] : { ...(value as object) }) as Record<
    string,
    unknown
  >;
  const member = replaced(copy[name] as Json, rest, by);
  if (member === undefined && !Array.isArray(copy)) delete copy[name];
  else copy[name] = member;
  return copy;
}

const odd = fc.oneof(
  fc.constantFrom<Json | undefined>(
    undefined,
    null,
    -1,
    0,
    0.5,
    2,
    1e300,
    2 ** 53,
    '',
    'x'.repeat(101),
  ),
  fc.constantFrom<Json>('x'.repeat(201), 'x'.repeat(1001), 'A'.repeat(16), 'a'.repeat(16), [], {}),
  fc.constantFrom<Json>({ [`${'k'.repeat(101)}`]: 1 }, { more: 1 }, [null], true),
  fc.jsonValue() as fc.Arbitrary<Json>,
);

describe('the shape of a saved baseline', () => {
  test('is what the schema says, whatever one place contains', () => {
    expect(damageOf(baseline)).toBeUndefined();
    let taken = 0;
    fc.assert(
      fc.property(fc.constantFrom(...places(baseline)), odd, (path, value) => {
        const changed = replaced(baseline, path, value);
        const fits = SCHEMA.safeParse(changed).success;
        if (fits) taken++;
        expect(damageOf(changed) === undefined, `${path.join('.')} ${damageOf(changed)}`).toBe(
          fits,
        );
      }),
      { numRuns: 3000 },
    );
    expect(taken).toBeGreaterThan(100);
  });

  test('names the place and what is required there', () => {
    expect(damageOf(replaced(baseline, ['metrics', 'tool_calls', 'n'], 0))).toBe(
      'metrics.tool_calls.n: must be a whole number of at least 1',
    );
    expect(damageOf(replaced(baseline, ['more'], 1))).toBe('its top: "more" is not a known member');
    expect(damageOf(replaced(baseline, ['samples', '1', 'session'], 'id'))).toBe(
      'samples.1.session: must be a digest of 16 hex digits',
    );
    expect(damageOf(JSON.parse('{"__proto__":1}'))).toMatch(/^its top/);
  });
});
