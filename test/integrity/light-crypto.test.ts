import * as real from 'node:crypto';
import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';

/** As in a process that has hashed nothing yet. */
async function fresh() {
  vi.resetModules();
  return import('../../src/integrity/light-crypto.ts');
}

describe('the hashing that short commands bring along', () => {
  afterEach(() => vi.restoreAllMocks());

  it('gives what node:crypto gives, for any text, at every length around a block, without loading it', async () => {
    vi.spyOn(process, 'getBuiltinModule').mockImplementation(() => {
      throw new Error('node:crypto was loaded');
    });
    for (let length = 0; length < 200; length++) {
      const text = 'x'.repeat(length);
      const light = await fresh();
      expect(light.hash('sha256', text, 'hex')).toBe(real.hash('sha256', text, 'hex'));
    }
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: 'binary', maxLength: 600 }),
        fc.uint8Array({ maxLength: 300 }),
        async (text, bytes) => {
          const light = await fresh();
          const ours = light.createHash('sha256').update(text, 'utf8').update(bytes);
          const theirs = real.createHash('sha256').update(text, 'utf8').update(bytes);
          expect(ours.digest('base64')).toBe(theirs.digest('base64'));
        },
      ),
    );
  });

  it('hands large texts to node:crypto, and all that come after there was much to hash', async () => {
    const load = vi.spyOn(process, 'getBuiltinModule');
    const light = await fresh();
    for (const text of ['é'.repeat(300_000), 'short', 'x'.repeat(5000)]) {
      expect(light.hash('sha256', text, 'hex')).toBe(real.hash('sha256', text, 'hex'));
      expect(light.createHash('sha256').update(text).digest()).toEqual(
        real.createHash('sha256').update(text).digest(),
      );
    }
    expect(load).toHaveBeenCalledTimes(1);
    const few = await fresh();
    for (let n = 0; n < 50; n++) few.hash('sha256', 'x'.repeat(100), 'hex');
    expect(load).toHaveBeenCalledTimes(2);
  });

  it('makes the same keyed digests', async () => {
    const light = await fresh();
    expect(light.createHmac('sha256', 'key').update('text').digest('hex')).toBe(
      real.createHmac('sha256', 'key').update('text').digest('hex'),
    );
  });

  it('takes random bytes from the system, never the same twice', async () => {
    const light = await fresh();
    const many = new Set(Array.from({ length: 100 }, () => light.randomBytes(32).toString('hex')));
    expect(many.size).toBe(100);
    expect([...many].every((hex) => /^[0-9a-f]{64}$/.test(hex))).toBe(true);
  });
});
