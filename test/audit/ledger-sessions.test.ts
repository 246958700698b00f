import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { LedgerSessions } from '../../src/audit/ledger-sessions.ts';

const hashOf = (what: unknown) => createHash('sha256').update(String(what)).digest('hex');

describe('sessions of a ledger', () => {
  it('keep every point of every session, in order', () => {
    const sessions = new LedgerSessions();
    for (let index = 0; index < 3000; index += 1) sessions.open(`s${index}`, hashOf(index));
    for (let round = 1; round <= 3; round += 1)
      for (let index = 0; index < 3000; index += 1)
        sessions.get(`s${index}`)!.addPoint(round * 2 ** 40, hashOf(`${index} ${round}`), 'open');
    expect(sessions.size).toBe(3000);
    for (const [name, session] of sessions) {
      const index = name.slice(1);
      expect(session.genesis).toBe(hashOf(index));
      expect([...session.points()]).toEqual(
        [1, 2, 3].map((round) => ({
          count: round * 2 ** 40,
          hash: hashOf(`${index} ${round}`),
          isLast: round === 3,
        })),
      );
      expect(session.lastPoint?.count).toBe(3 * 2 ** 40);
    }
  });

  it('know none that was not opened, and nothing of one that was only opened', () => {
    const sessions = new LedgerSessions();
    sessions.open('a', hashOf('a'));
    expect(sessions.get('b')).toBeUndefined();
    const session = sessions.get('a')!;
    expect([session.closed, session.deleted, session.lastPoint]).toEqual([false, false, undefined]);
    expect([...session.points(), ...session.erased]).toEqual([]);
  });

  it('are in the state that the last point gave them', () => {
    const sessions = new LedgerSessions();
    sessions.open('a', hashOf('a'));
    const session = sessions.get('a')!;
    const states = (['closed', 'open', 'deleted'] as const).map((state) => {
      session.addPoint(1, hashOf(1), state);
      return [session.closed, session.deleted];
    });
    expect(states).toEqual([
      [true, false],
      [false, false],
      [false, true],
    ]);
  });

  it('forget what was known when one is opened again', () => {
    const sessions = new LedgerSessions();
    sessions.open('a', hashOf('a'));
    sessions.open('b', hashOf('b'));
    sessions.get('a')!.addErased({ from: 0, to: 1, name: undefined });
    sessions.get('a')!.addPoint(2, hashOf(2), 'deleted');
    sessions.open('a', hashOf('a again'));
    const again = sessions.get('a')!;
    expect(again.genesis).toBe(hashOf('a again'));
    expect(again.deleted).toBe(false);
    expect([...again.points(), ...again.erased]).toEqual([]);
    expect([...sessions].map(([name]) => name)).toEqual(['a', 'b']);
  });
});
