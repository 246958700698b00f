import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { FingerprintMap, FingerprintSet } from '../../src/audit/fingerprint-table.ts';
import { TextFingerprint } from '../../src/audit/text-fingerprint.ts';

const keyOf = (index: number) => createHash('sha256').update(String(index)).digest('hex');

function valuesOf(map: FingerprintMap): number[] {
  const values: number[] = [];
  map.forEachValue((value) => values.push(value));
  return values;
}

describe('fingerprint tables', () => {
  it('know every key they were given, and no other', () => {
    const set = new FingerprintSet();
    for (let index = 0; index < 20_000; index += 1) expect(set.add(keyOf(index))).toBe(true);
    for (let index = 0; index < 20_000; index += 1) expect(set.add(keyOf(index))).toBe(false);
    expect(set.size).toBe(20_000);
  });

  it('keep the last value of every key while they grow', () => {
    const map = new FingerprintMap();
    for (let index = 0; index < 20_000; index += 1) {
      map.set(keyOf(index), index);
      map.set(keyOf(index), index * 2);
    }
    for (let index = 0; index < 20_000; index += 97) expect(map.get(keyOf(index))).toBe(index * 2);
    expect(map.get(keyOf(20_001))).toBeUndefined();
    expect(valuesOf(map).reduce((sum, value) => sum + value)).toBe(20_000 * 19_999);
  });

  it('keep every key and value while hundreds of thousands make them grow', () => {
    const map = new FingerprintMap();
    const numberOf = (index: number) => Math.imul(index, 0x9e3779b1) >>> 0;
    const hexOf = (index: number) =>
      numberOf(index).toString(16).padStart(8, '0') + index.toString(16).padStart(8, '0');
    const count = 300_000;
    for (let index = 0; index < count; index += 1) map.set(hexOf(index), index);
    expect(map.size).toBe(count);
    let wrong = 0;
    for (let index = 0; index < count; index += 1) if (map.get(hexOf(index)) !== index) wrong += 1;
    for (let index = count; index < 2 * count; index += 1)
      if (map.get(hexOf(index)) !== undefined) wrong += 1;
    expect(wrong).toBe(0);
    let sum = 0;
    map.forEachValue((value) => {
      sum += value;
    });
    expect(sum).toBe((count * (count - 1)) / 2);
  });

  it.each([100, 20_000])('can be used again after %i keys were forgotten', (count) => {
    const set = new FingerprintSet();
    for (const _round of [1, 2]) {
      for (let index = 0; index < count; index += 1) expect(set.addText(`${index}`)).toBe(true);
      expect(set.hasText('0')).toBe(true);
      expect(set.size).toBe(count);
      set.clear();
      expect(set.hasText('0')).toBe(false);
      expect(set.size).toBe(0);
    }
  });

  it('distinguish all texts, however similar', () => {
    const set = new FingerprintSet();
    const texts = Array.from({ length: 20_000 }, (_, index) => `toolu_${index}`);
    texts.push(
      '',
      'a',
      'aa',
      '\u0000',
      '\u0000\u0000',
      'ab',
      'ba',
      'a\u0000',
      'é',
      '😀',
      'x'.repeat(999),
    );
    for (const text of texts) expect(set.addText(text)).toBe(true);
    for (const text of texts) expect(set.addText(text)).toBe(false);
  });

  it('produce the published known answer', () => {
    // HalfSipHash-2-4, 64 bits, key 00 01 … 07, of nothing: 21 8d 1f 59 b9 b8 3c c8.
    const fingerprint = new TextFingerprint(0x03020100, 0x07060504);
    fingerprint.of('');
    expect([fingerprint.low, fingerprint.high]).toEqual([0x591f8d21, 0xc83cb8b9]);
  });

  it('treat the all-zero key like any other', () => {
    const map = new FingerprintMap();
    expect(map.get('0'.repeat(16))).toBeUndefined();
    map.set('0'.repeat(16), 0);
    expect(map.get('0'.repeat(16))).toBe(0);
    expect(valuesOf(map)).toEqual([0]);
  });

  it('are not slowed down by keys that differ in a few bits', () => {
    const set = new FingerprintSet();
    for (let index = 0; index < 50_000; index += 1)
      set.add(index.toString(16).padStart(8, '0') + '0'.repeat(8));
    for (let index = 0; index < 50_000; index += 1) set.add(index.toString(16).padStart(16, '0'));
    expect(set.size).toBe(99_999);
  });
});
