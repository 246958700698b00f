import { describe, expect, it } from 'vitest';
import { closestWord } from '../../src/config/closest-word.ts';

const KNOWN = ['format', 'content', 'serviceName', 'destinations', 'a'];

describe('closestWord', () => {
  it.each([
    ['fromat', 'format'],
    ['FORMAT', 'format'],
    ['servicename', 'serviceName'],
    ['service_name', 'serviceName'],
    ['destination', 'destinations'],
    ['contents', 'content'],
  ])('takes %s for %s', (typed, meant) => {
    expect(closestWord(typed, KNOWN)).toBe(meant);
  });

  it('does not guess where nothing is close', () => {
    for (const typed of ['headers', 'xyz', '', 'x'.repeat(100_000)]) {
      expect(closestWord(typed, KNOWN.slice(0, 4))).toBeUndefined();
    }
  });
});
