import * as real from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as light from '../../src/integrity/light-crypto.ts';

describe('the hashing that the hook brings along', () => {
  it('gives what node:crypto gives, for any text, at every length around a block', () => {
    for (let length = 0; length < 200; length++) {
      const text = 'x'.repeat(length);
      expect(light.hash('sha256', text, 'hex')).toBe(real.hash('sha256', text, 'hex'));
    }
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 600 }),
        fc.uint8Array({ maxLength: 300 }),
        (text, bytes) => {
          const ours = light.createHash('sha256').update(text, 'utf8').update(bytes).digest('hex');
          expect(ours).toBe(
            real.createHash('sha256').update(text, 'utf8').update(bytes).digest('hex'),
          );
        },
      ),
    );
  });

  it('hands large texts to node:crypto', () => {
    const text = 'é'.repeat(300_000);
    expect(light.hash('sha256', text, 'hex')).toBe(real.hash('sha256', text, 'hex'));
  });

  it('takes random bytes from the system, never the same twice', () => {
    const many = new Set(Array.from({ length: 100 }, () => light.randomBytes(32).toString('hex')));
    expect(many.size).toBe(100);
    expect([...many].every((hex) => /^[0-9a-f]{64}$/.test(hex))).toBe(true);
  });
});
