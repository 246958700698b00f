import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { splitJson } from '../../src/ingest/split-json.ts';

const values = (line: string) => splitJson(line).pieces.map(({ value }) => value);

describe('a line with JSON on it', () => {
  it.each([
    ['one value', '{"a":1}', [{ a: 1 }], true],
    ['two objects without anything between', '{"a":1}{"b":2}', [{ a: 1 }, { b: 2 }], true],
    ['white space between and behind', ' {"a":1} \t {"b":2} ', [{ a: 1 }, { b: 2 }], true],
    ['braces in a string', '{"a":"}{"}{"b":"{{"}', [{ a: '}{' }, { b: '{{' }], true],
    [
      'quotes and backslashes in a string',
      '{"a":"\\"}{\\\\"}{"b":2}',
      [{ a: '"}{\\' }, { b: 2 }],
      true,
    ],
    ['objects inside objects', '{"a":{"b":{}}}{"c":[{}]}', [{ a: { b: {} } }, { c: [{}] }], true],
    ['an object that is cut short', '{"a":1}{"b":', [{ a: 1 }], false],
    ['something else behind', '{"a":1}, oops', [{ a: 1 }], false],
    ['a broken object before a whole one', '{"a":}{"b":2}', [{ b: 2 }], false],
    ['an object that is cut behind an inner one', '{"a":"b","c":{"a":1}', [], false],
    [
      'a whole object behind one cut in a string',
      '{"a":"b c{"b":{"c":"}"}}',
      [{ b: { c: '}' } }],
      false,
    ],
    [
      'whole objects behind one cut in a name',
      '{"a":1,"b{"c":2} {"d":3} ',
      [{ c: 2 }, { d: 3 }],
      false,
    ],
    [
      'a whole object behind other text',
      '{"a":1}\u0000\u0000{"b":"\\\\"}',
      [{ a: 1 }, { b: '\\' }],
      false,
    ],
    ['a part of an object that is cut behind it', '{"a":[{"b":1}, {"b":2}', [], false],
    ['code in a string that is cut behind it', '{"a":"while (true) {}', [], false],
    ['quoted code in a string that is cut behind it', '{"a":"say {\\"b\\":1}', [], false],
    ['no JSON at all', 'hello', [], false],
    ['closing braces only', '}}}', [], false],
  ])('%s', (_name, line, wanted, ok) => {
    const split = splitJson(line);
    expect(split.ok).toBe(ok);
    expect(split.pieces.map(({ value }) => value)).toEqual(wanted);
  });

  it('returns all objects written without a separator, with their texts', () => {
    const object = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 2 }));
    fc.assert(
      fc.property(fc.array(object, { minLength: 1, maxLength: 6 }), (objects) => {
        const parts = objects.map((value) => JSON.stringify(value));
        expect(splitJson(parts.join('')).ok).toBe(true);
        expect(values(parts.join(''))).toEqual(parts.map((part) => JSON.parse(part) as unknown));
        expect(splitJson(parts.join('')).pieces.map(({ text }) => text)).toEqual(parts);
      }),
    );
  });

  describe('of more values than are held at once', () => {
    const wide = `{"a":[${'{},'.repeat(2_000_000)}{}]}`;
    it.each([
      ['one object', wide],
      ['objects without anything between', '{"a":1}'.repeat(4_000_001)],
      ['an object behind one cut in a string', `{"a":"b${wide}`],
      ['objects behind one cut in a string', `{"a":"b${'{"a":1}'.repeat(4_000_001)}`],
    ])('does not parse %s', (_name, line) => {
      const { ok, pieces } = splitJson(line);
      expect(ok).toBe(false);
      expect(pieces.length).toBeLessThanOrEqual(4_000_000);
      expect(pieces.map(({ text }) => text).join('')).not.toContain(wide);
    });

    it('parses one that only writes about them', () => {
      const text = JSON.stringify({ a: '{}, \\"'.repeat(5_000_000) });
      expect(splitJson(text).ok).toBe(true);
    });
  });

  it('takes time linear in the length of the line', () => {
    // A square would take minutes: the test's own time limit tells.
    expect(splitJson(`${'{"a":1}'.repeat(200_000)}{`).pieces).toHaveLength(200_000);
    expect(splitJson(`{"a":"b${'{"a":1}'.repeat(200_000)}`).pieces).toHaveLength(200_000);
    expect(splitJson(`{"a":"${'\\'.repeat(2_000_000)}"}{`).ok).toBe(false);
    expect(splitJson(`{${'}'.repeat(2_000_000)}`).ok).toBe(false);
    expect(splitJson('{'.repeat(2_000_000)).ok).toBe(false);
    expect(splitJson(`${'"'.repeat(2_000_001)}`).ok).toBe(false);
  });
});
