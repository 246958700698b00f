import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson, isWellFormed } from '../../src/integrity/canonical-json.ts';
import { CUT_SHORT, NOT_CANONICAL, scanCanonical } from '../../src/integrity/canonical-scan.ts';
import { STRICT_LIMITS, StrictJsonReader } from '../../src/integrity/strict-json.ts';

const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.constantFrom('"', '\\', '\u0000', '\b', '\u001f', '\u007f', 'é', '😀') }),
);
const integer = fc.maxSafeInteger().map((n) => (Object.is(n, -0) ? 0 : n));
const { tree } = fc.letrec((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4 },
    text,
    integer,
    fc.boolean(),
    fc.array(tie('tree'), { maxLength: 4 }),
    fc.dictionary(fc.string(), tie('tree'), { maxKeys: 4 }),
  ),
}));
const object = fc.dictionary(fc.string(), tree, { minKeys: 1, maxKeys: 5 });

/** What canonical JSON makes of a text; undefined where it can make nothing of it. */
function canonical(candidate: string): string | undefined {
  try {
    return canonicalJson(JSON.parse(candidate));
  } catch {
    return undefined;
  }
}

/** Keys with escapes are left to the full reading. */
function hasEscapedKey(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(value).some(
    ([key, member]) => JSON.stringify(key).includes('\\') || hasEscapedKey(member),
  );
}

describe('scanCanonical', () => {
  it('finds the end of what canonical JSON writes, wherever it stands', () => {
    fc.assert(
      fc.property(tree, fc.string(), (value, before) => {
        const written = canonicalJson(value);
        const end = hasEscapedKey(value) ? NOT_CANONICAL : before.length + written.length;
        expect(scanCanonical(`${before}${written},`, before.length, 64)).toBe(end);
      }),
      { seed: 7, numRuns: 2000 },
    );
  });

  it('accepts no text that canonical JSON would write otherwise', () => {
    const pieces = [
      ...'{}[]":,\\ \n0-1.eE',
      '\\u0061',
      '\\/',
      '\\u001F',
      '\\ud800',
      'null',
      '"a":',
    ];
    let accepted = 0;
    fc.assert(
      fc.property(
        object,
        fc.nat(),
        fc.constantFrom('', ...pieces),
        fc.nat(2),
        (value, where, piece, removed) => {
          const written = canonicalJson(value);
          const at = where % written.length;
          const changed = written.slice(0, at) + piece + written.slice(at + removed);
          const end = scanCanonical(changed, 0, 64);
          if (end < 0 || !isWellFormed(changed)) return;
          accepted += 1;
          expect(canonical(changed.slice(0, end))).toBe(changed.slice(0, end));
        },
      ),
      { seed: 11, numRuns: 20_000 },
    );
    expect(accepted).toBeGreaterThan(1000);
  });

  it.each([
    '{ "a":1}',
    '{"a": 1}',
    '{"a":1 }',
    '{"b":1,"a":1}',
    '{"a":1,"a":1}',
    '{"aa":1,"a":1}',
    '{"a":1,}',
    '{"a" :1}',
    '{"\\u0061":1}',
    '{"a\\n":1}',
    '{"a":01}',
    '{"a":-0}',
    '{"a":1.0}',
    '{"a":1e3}',
    '{"a":9007199254740992}',
    '{"a":-9007199254740992}',
    '{"a":99999999999999999}',
    '{"a":null}',
    '{"a":True}',
    '{"a":"\\u0061"}',
    '{"a":"\\/"}',
    '{"a":"\\u001F"}',
    '{"a":"\\u0009"}',
    '{"a":"\\ud83d\\ude00"}',
    '{"a":"\t"}',
    '{"a":[1,]}',
    '{"a":[,1]}',
  ])('does not take %s for canonical', (written) => {
    expect(scanCanonical(`${written}      `, 0, 64)).toBe(NOT_CANONICAL);
  });

  it('says of every beginning that it was cut short', () => {
    const written = '{"a":"x\\n\\u0001é","b":[true,false,-12],"c":{"d":9007199254740991}}';
    expect(scanCanonical(written, 0, 64)).toBe(written.length);
    for (let length = 0; length < written.length; length += 1) {
      expect(scanCanonical(written.slice(0, length), 0, 64)).toBe(CUT_SHORT);
    }
  });

  it('counts containers inside each other', () => {
    expect(scanCanonical('{"a":[[1]]}', 0, 3)).toBe(11);
    expect(scanCanonical('{"a":[[1]]}', 0, 2)).toBe(NOT_CANONICAL);
  });
});

describe('canonicalObject', () => {
  const readerOf = (document: string, size: number, limits = STRICT_LIMITS) => {
    const bytes = Buffer.from(document);
    const chunks = function* () {
      for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
    };
    return new StrictJsonReader(chunks(), limits);
  };

  it('gives the object, its text and the text of its members, whatever the chunks', () => {
    fc.assert(
      fc.property(
        fc.array(object, { maxLength: 4 }),
        fc.integer({ min: 1, max: 9 }),
        (list, size) => {
          const reader = readerOf(canonicalJson(list), size);
          reader.beginArray();
          for (const value of list) {
            expect(reader.nextElement()).toBe(true);
            const found = reader.canonicalObject();
            if (found === undefined) {
              expect(canonicalJson(reader.value())).toBe(canonicalJson(value));
              continue;
            }
            expect(found.text).toBe(canonicalJson(value));
            expect(found.parse()).toEqual(value);
            for (const name of Object.keys(value).filter(
              (key) => !/["\\\u0000-\u001f]/.test(key),
            )) {
              expect(found.memberText(name)).toBe(canonicalJson(value[name]));
            }
            expect(found.memberText('not there')).toBeUndefined();
          }
          expect(reader.nextElement()).toBe(false);
          reader.end();
        },
      ),
      { seed: 7, numRuns: 500 },
    );
  });

  it('passes nothing when it gives nothing', () => {
    for (const written of ['{"b":1,"a":[2]}', '[1]', '"x"', '{"a": 1}']) {
      const reader = readerOf(written, 3);
      expect(reader.canonicalObject()).toBeUndefined();
      expect(JSON.stringify(reader.value())).toBe(JSON.stringify(JSON.parse(written)));
      reader.end();
    }
  });

  it.each([
    ['string', '{"a":"0123456789"}'],
    ['nodes', '{"a":[1,2,3,4,5,6]}'],
    ['value', '{"a":[1,2,3,4,5,6]}'],
    ['depth', '{"a":[[[[[]]]]]}'],
  ] as const)(
    'leaves it to the full reading to refuse what is over the limit of %s',
    (limit, written) => {
      const reader = readerOf(written, 100, { ...STRICT_LIMITS, [limit]: 5 });
      expect(reader.canonicalObject()).toBeUndefined();
      expect(() => reader.value()).toThrow(expect.objectContaining({ code: 'E_LIMIT' }));
    },
  );
});
