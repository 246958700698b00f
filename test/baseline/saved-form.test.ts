import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseBaseline, serializeBaseline } from '../../src/baseline/saved-form.ts';
import { AgentStraceError } from '../../src/errors.ts';
import { baselineOf, session } from './measured-sessions.ts';

const baseline = baselineOf(
  [session('a', { costUsd: 0.1 + 0.2 }), session('b', { toolCalls: 7 })],
  'nightly',
);
const saved = serializeBaseline(baseline);

function refusal(text: string): AgentStraceError {
  try {
    parseBaseline(text, 'b.json');
  } catch (error) {
    expect(error).toBeInstanceOf(AgentStraceError);
    return error as AgentStraceError;
  }
  throw new Error('the text was taken');
}

describe('saved form', () => {
  test('what was saved comes back the same, also after another tool laid it out', () => {
    expect(parseBaseline(saved, 'b.json')).toEqual(baseline);
    expect(parseBaseline(JSON.stringify(JSON.parse(saved)), 'b.json')).toEqual(baseline);
    const sorted = JSON.stringify(JSON.parse(saved), (_key, value) =>
      value !== null && typeof value === 'object' && !Array.isArray(value)
        ? Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? 1 : -1)))
        : value,
    );
    expect(parseBaseline(sorted, 'b.json')).toEqual(baseline);
  });

  test('a figure that cannot be does not make the baseline unreadable', () => {
    const wild = serializeBaseline(baselineOf([session('a'), session('b', { costUsd: 1e200 })]));
    expect(parseBaseline(wild, 'b.json').metrics).toMatchObject({
      cost_usd: { n: 1, max: 1 },
      tool_calls: { n: 2 },
    });
  });

  test('the sessions’ ids are not in the file', () => {
    expect(serializeBaseline(baselineOf([session('secret-project-42')]))).not.toContain(
      'secret-project',
    );
  });

  test.each([
    ['', /is not JSON/],
    ['{', /is not JSON/],
    ['null', /is not a baseline/],
    ['[]', /is not a baseline/],
    ['{"format":"other"}', /is not a baseline/],
    [saved.replace('"version": 1', '"version": 2'), /newer agent-strace/],
    [saved.replace('"version": 1', '"version": "x"'), /unknown version/],
    [saved.replace('"tool_calls": 7', '"tool_calls": 8'), /digest does not match/],
    [saved.replace('"n": 2', '"n": -1'), /damaged at metrics/],
    [saved.replace('"name": "nightly"', '"name": 5'), /damaged at name/],
    [saved.replace('"samples"', '"sample"'), /damaged at/],
    [saved.slice(0, -20), /is not JSON/],
  ])('a damaged file is exit 2 with the reason (%#)', (text, reason) => {
    const error = refusal(text);
    expect(error).toMatchObject({ code: 'no_baseline', exitCode: 2 });
    expect(error.message).toMatch(reason);
    expect(error.message).toContain('b.json');
  });

  test('a zero with a sign is a zero', () => {
    const signed = saved.replace(/: 0(?=[,\n])/, ':-0');
    expect(signed).not.toBe(saved);
    expect(parseBaseline(signed, 'b.json')).toEqual(baseline);
  });

  test('a changed character is always noticed or changes nothing', () => {
    fc.assert(
      fc.property(
        fc.nat(saved.length - 1),
        fc.string({ minLength: 1, maxLength: 1 }),
        (at, character) => {
          const text = saved.slice(0, at) + character + saved.slice(at + 1);
          try {
            expect(parseBaseline(text, 'b.json')).toEqual(baseline);
          } catch (error) {
            expect(error).toMatchObject({ code: 'no_baseline' });
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});
