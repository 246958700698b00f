import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EventDraft } from '../../src/session/event.ts';
import type { MessageRefs, Operation } from '../../src/session/operation.ts';
import { replay } from '../../src/session/replay.ts';
import { createTraceReader } from '../../src/store/read-trace.ts';
import { findSession, lastSeqOf } from '../../src/store/sessions.ts';
import { createEventWriter } from '../../src/store/write-events.ts';
import { hooksOf, interleaved, steps, transcriptOf } from '../support/drafts.ts';
import { temporaryStore } from '../support/temporary-store.ts';

const SESSION = '3f2a0000-0000-4000-8000-000000000001';

/** Stores the drafts, some at a time, and reads the operations back. */
function operationsOf(drafts: readonly EventDraft[], batch = 1000, pageSize = 1000): Operation[] {
  const store = temporaryStore();
  const writer = createEventWriter(store);
  for (let at = 0; at < drafts.length; at += batch) writer.append(drafts.slice(at, at + batch));
  const reader = createTraceReader(store);
  const root = findSession(store, SESSION);
  const through = lastSeqOf(store, root.id);
  const feed = { page: (after: number) => reader.page(root.id, after, through, pageSize) };
  return [...replay(feed, { rootSession: SESSION })];
}

/** What must not depend on the order of arrival: everything but store positions. */
function comparable(operations: readonly Operation[]) {
  return operations
    .map(({ throughSeq: _, contents, captures, ...rest }) => ({
      ...rest,
      messageRefs: 'messageRefs' in rest ? messagesOf(rest.messageRefs) : undefined,
      captures: [...captures].sort(),
      contents: contents.map(({ name, size }) => ({ name, size })),
    }))
    .sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** References are found when they are read. */
function messagesOf({ inputs, outputs }: MessageRefs) {
  return { inputs, outputs };
}

describe('assembling operations', () => {
  it('gives the same operations for every interleaving of hooks and transcript', () => {
    fc.assert(
      fc.property(
        steps,
        fc.array(fc.boolean(), { minLength: 1, maxLength: 60 }),
        (plan, choices) => {
          const transcript = transcriptOf(SESSION, plan);
          const hooks = hooksOf(SESSION, plan);
          const expected = comparable(operationsOf([...transcript, ...hooks]));
          expect(comparable(operationsOf(interleaved(transcript, hooks, choices)))).toEqual(
            expected,
          );
          expect(
            comparable(operationsOf([...transcript.slice(0, 1), ...hooks, ...transcript.slice(1)])),
          ).toEqual(expected);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('gives the same operations event by event and all at once, on pages of any size', () => {
    fc.assert(
      fc.property(steps, fc.integer({ min: 1, max: 7 }), (plan, size) => {
        const drafts = transcriptOf(SESSION, plan);
        expect(comparable(operationsOf(drafts, 1, size))).toEqual(comparable(operationsOf(drafts)));
      }),
      { numRuns: 40 },
    );
  });

  it('makes one operation of each call, however often it is recorded', () => {
    const drafts = transcriptOf(SESSION, [
      { type: 'tool', seconds: 1, failed: true, result: true },
    ]);
    const again = operationsOf([...drafts, ...drafts]);
    expect(again.filter((operation) => operation.kind === 'tool_call')).toHaveLength(1);
  });

  it('prefers a hook’s exact times and a recorded duration over line times', () => {
    const plan = [{ type: 'tool', seconds: 1, failed: false, result: true }] as const;
    const [alone] = operationsOf(transcriptOf(SESSION, plan)).filter(
      (operation) => operation.kind === 'tool_call',
    );
    const [both] = operationsOf([...transcriptOf(SESSION, plan), ...hooksOf(SESSION, plan)]).filter(
      (operation) => operation.kind === 'tool_call',
    );
    expect(alone!.endMicros - alone!.startMicros).toBe(2_000_000);
    expect(both!.endMicros - both!.startMicros).toBe(1_400_000);
    expect(both!.endBasis).toBe('recorded');
  });

  it('counts the tokens of a response once although each of its lines repeats them', () => {
    const [call] = operationsOf(
      transcriptOf(SESSION, [{ type: 'llm', seconds: 1, failed: false, result: true }]),
    ).filter((operation) => operation.kind === 'llm_call');
    expect(call).toMatchObject({ usage: { input: 10, output: 6 }, finishReasons: ['end_turn'] });
  });

  it('ends a call without a result at its last known time and marks it', () => {
    const [call] = operationsOf(
      transcriptOf(SESSION, [{ type: 'tool', seconds: 1, failed: false, result: false }]),
    ).filter((operation) => operation.kind === 'tool_call');
    expect(call).toMatchObject({ unfinished: true, outcome: 'unknown' });
    expect(call!.endMicros).toBe(call!.startMicros);
  });
});
