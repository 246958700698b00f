import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../support/temporary-store.ts';
import { crashRun } from './crash-run.ts';

const PLAN = { sessions: 2000, kills: 20, seed: 20260920, batchSpans: 64 };

describe('an export that is killed again and again', () => {
  it.each([
    ['one thread', PLAN],
    ['two threads', { ...PLAN, kills: 8, batchSpans: 16, threads: 2, requestsEach: 80 }],
  ])(
    'is completed by the next run; only requests without an answer are repeated, byte for byte: %s',
    async (_who, plan) => {
      const result = await crashRun({ ...plan, folder: temporaryFolder() });
      expect([result.kills, result.lastCode]).toEqual([plan.kills, 0]);
      expect(result.recorded.size).toBe(plan.sessions * 4);
      expect(result.received).toEqual(result.recorded);
      expect([result.differing, result.needless]).toEqual([0, 0]);
      expect(result.again.stderr).toContain(`${plan.sessions} delivered before`);
      expect(result.again.requests).toBe(0);
    },
    180_000,
  );
});
