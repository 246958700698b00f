import { describe, expect, it } from 'vitest';
import { readKnownCheckpoint, readTimeAuthorities } from '../../src/audit/trust-input.ts';
import { verifySource } from '../../src/audit/verify-source.ts';
import { generateSigningKey } from '../../src/integrity/signing-key.ts';
import type { MemoryStore } from './memory-source.ts';
import { PACKAGE_OPTIONS, packageText, sampleStore } from './sample-store.ts';

const check = (store: MemoryStore) =>
  verifySource(store.source(), PACKAGE_OPTIONS.tool, PACKAGE_OPTIONS.generatedAt);

describe('checking a store', () => {
  it('finds an honest store consistent', () => {
    expect(check(sampleStore())).toMatchObject({ exit: 0, counts: { sessions: 3, disclosed: 24 } });
  });

  it('finds a changed header, a changed text, a changed leaf and a lost event', () => {
    const changes: [string, (store: MemoryStore) => void][] = [
      [
        'F_EVENT_HASH',
        (store) => Object.assign(store.sessions[1]!.events[4]!.header, { ts_us: 1 }),
      ],
      [
        'F_CONTENT',
        (store) => Object.assign(store.sessions[1]!.events[3]!.contents.input!, { text: 'ls' }),
      ],
      ['F_GENESIS', (store) => Object.assign(store.leaves[0]!, { genesis: '0'.repeat(64) })],
      ['F_COUNT', (store) => store.sessions[2]!.events.pop()],
      ['F_OMISSION', (store) => store.sessions.pop()],
    ];
    for (const [code, change] of changes) {
      const store = sampleStore();
      change(store);
      const result = check(store);
      expect({ exit: result.exit, found: result.codes.includes(code as never) }).toEqual({
        exit: 1,
        found: true,
      });
      expect(result.codes).not.toContain('F_PACKAGE_HASH');
    }
  });

  it('says which session is damaged when a row cannot be read', () => {
    const store = sampleStore();
    Object.assign(store.sessions[1]!.events[4]!.header, { facts: undefined });
    expect(() => check(store)).toThrow(/An event of session beta is damaged in the store/);
  });
});

describe('the input of an auditor', () => {
  it('is a checkpoint, signed or bare', () => {
    const key = generateSigningKey('example.test/store');
    const { text, report } = packageText(sampleStore().source(), { keys: [key] });
    const [note] = JSON.parse(text).attestations;
    expect(readKnownCheckpoint(note.data)).toEqual(readKnownCheckpoint(report.checkpoint));
    expect(readKnownCheckpoint(report.checkpoint)).toMatchObject({
      origin: 'example.test/store',
      size: 9,
    });
    expect(() => readKnownCheckpoint('hello')).toThrow(/not a checkpoint/);
    expect(() => readTimeAuthorities(Buffer.from('hello'))).toThrow(/not a certificate/);
  });
});
