import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  STRICT_LIMITS,
  StrictJsonError,
  StrictJsonReader,
  type StrictLimits,
} from '../../src/integrity/strict-json.ts';

function* inPieces(bytes: Buffer, size: number): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

function parse(text: string | Buffer, size = 7, limits: StrictLimits = STRICT_LIMITS): unknown {
  const bytes = typeof text === 'string' ? Buffer.from(text) : text;
  const reader = new StrictJsonReader(inPieces(bytes, size), limits);
  const value = reader.value();
  reader.end();
  return value;
}

/** The code with which a text is refused, or what it parsed to. */
function refusal(text: string | Buffer, size?: number, limits?: StrictLimits): unknown {
  try {
    return parse(text, size, limits);
  } catch (error) {
    if (error instanceof StrictJsonError) return error.code;
    throw error;
  }
}

const plain = (value: unknown) => JSON.parse(JSON.stringify(value));

describe('StrictJsonReader', () => {
  it('reads what JSON.stringify writes, whatever the chunks', () => {
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { maxDepth: 4 },
        fc.string({ unit: 'grapheme' }),
        fc.maxSafeInteger().map((n) => (Object.is(n, -0) ? 0 : n)),
        fc.boolean(),
        fc.array(tie('tree'), { maxLength: 4 }),
        fc.dictionary(fc.string({ unit: 'grapheme' }), tie('tree'), { maxKeys: 4 }),
      ),
    }));
    fc.assert(
      fc.property(
        tree,
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 0, max: 3 }),
        (value, size, indent) => {
          const text = JSON.stringify(value, undefined, indent);
          expect(plain(parse(text, size))).toEqual(JSON.parse(text));
        },
      ),
      { seed: 7, numRuns: 300 },
    );
  });

  it.each([
    ['{"a":1,"a":1}', 'E_DUP_KEY'],
    ['{"a":1,"\\u0061":1}', 'E_DUP_KEY'],
    ['{"__proto__":1,"__proto__":2}', 'E_DUP_KEY'],
    ['1.0', 'E_NUMBER'],
    ['1e3', 'E_NUMBER'],
    ['-0', 'E_NUMBER'],
    ['01', 'E_NUMBER'],
    ['9007199254740993', 'E_NUMBER'],
    ['9'.repeat(100_000), 'E_NUMBER'],
    ['"\\ud800"', 'E_UNICODE'],
    ['{"\\udfff":1}', 'E_UNICODE'],
    ['"\\udfff\\ud800"', 'E_UNICODE'],
    ['null', 'E_SCHEMA'],
    ['NaN', 'E_PARSE'],
    ['', 'E_PARSE'],
    ['\ufeff{}', 'E_PARSE'],
    ['{} {}', 'E_PARSE'],
    ['{"a":1', 'E_PARSE'],
    ['"abc', 'E_PARSE'],
    ['"a\\', 'E_PARSE'],
    ['"a\\u12', 'E_PARSE'],
    ['"\\x41"', 'E_PARSE'],
    ['"a\u0000b"', 'E_PARSE'],
    ['"a\nb"', 'E_PARSE'],
    ['[1,]', 'E_PARSE'],
    ['{"a":1,}', 'E_PARSE'],
    ['[1 2]', 'E_PARSE'],
    ['{"a" 1}', 'E_PARSE'],
    ['{a:1}', 'E_PARSE'],
    ['[', 'E_PARSE'],
    ['truefalse', 'E_PARSE'],
    ['\u00a01', 'E_PARSE'],
    ['['.repeat(100_000), 'E_LIMIT'],
    ['{"a":'.repeat(65), 'E_LIMIT'],
  ])('refuses %#: %s', (text, code) => {
    expect(refusal(text)).toBe(code);
    expect(refusal(text, 1)).toBe(code);
    expect(refusal(text, 100_000)).toBe(code);
  });

  it('accepts a surrogate pair however it is written or cut', () => {
    for (const size of [1, 2, 3, 100]) {
      expect(parse('"\\ud83d\\ude02😂"', size)).toBe('😂😂');
    }
  });

  it('refuses bytes that are not UTF-8', () => {
    expect(refusal(Buffer.from([0x22, 0xff, 0x22]))).toBe('E_UNICODE');
    expect(refusal(Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22]))).toBe('E_UNICODE');
    expect(refusal(Buffer.from([0x22, 0xc3]))).toBe('E_UNICODE');
  });

  it('keeps to its limits', () => {
    const limits = { depth: 3, string: 10, value: 100, nodes: 20, bytes: 1000 };
    expect(refusal('[[[1]]]', 4, limits)).toEqual([[[1]]]);
    expect(refusal('[[[[1]]]]', 4, limits)).toBe('E_LIMIT');
    expect(refusal('"0123456789a"', 4, limits)).toBe('E_LIMIT');
    expect(refusal(`[${'1,'.repeat(30)}1]`, 4, limits)).toBe('E_LIMIT');
    expect(refusal(`[${'"0123456789",'.repeat(10)}1]`, 4, limits)).toBe('E_LIMIT');
    expect(refusal(' '.repeat(1001), 4, limits)).toBe('E_LIMIT');
  });

  it('walks a document member by member', () => {
    const reader = new StrictJsonReader([Buffer.from('{"a":[1,{"b":2}],"c":"d","e":[]}')]);
    const seen: unknown[] = [];
    reader.beginObject();
    for (let key = reader.nextKey(); key !== undefined; key = reader.nextKey()) {
      if (key === 'c') {
        seen.push(reader.value());
        continue;
      }
      reader.beginArray();
      while (reader.nextElement()) seen.push(plain(reader.value()));
    }
    reader.end();
    expect(seen).toEqual([1, { b: 2 }, 'd']);
  });

  it('refuses duplicate keys and wrong shapes while walking', () => {
    const reader = new StrictJsonReader([Buffer.from('{"a":1,"a":2}')]);
    reader.beginObject();
    reader.nextKey();
    reader.value();
    expect(() => reader.nextKey()).toThrow(/twice/);
    expect(() => new StrictJsonReader([Buffer.from('[]')]).beginObject()).toThrow(
      /object was expected/,
    );
  });
});
