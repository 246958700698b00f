import { expect, it } from 'vitest';
import { LiveDestination } from '../../src/delivery/live-destination.ts';
import { type FollowedTrace, LiveProgress } from '../../src/delivery/live-progress.ts';
import type { LiveTrace } from '../../src/delivery/live-trace.ts';
import type { BatchResult, BatchSender } from '../../src/exporters/bisecting.ts';
import type { TimedSpan } from '../../src/exporters/encoder.ts';
import { ledgerOf } from '../../src/store/ledger.ts';
import { listSessions } from '../../src/store/sessions.ts';
import { createEventWriter } from '../../src/store/write-events.ts';
import { eventually } from '../support/eventually.ts';
import { temporaryStore } from '../support/temporary-store.ts';

/** Spans are only handed on here, so their names are enough. */
const span = (name: string) => ({ name }) as TimedSpan;
const spans = ['1', '2', '3', '4', '5'].map(span);

/** A sender whose answers the test gives. */
class HeldSender implements BatchSender<TimedSpan> {
  readonly sent: string[][] = [];
  readonly #waiting: (() => void)[] = [];

  async send(items: readonly TimedSpan[]): Promise<BatchResult<TimedSpan>> {
    this.sent.push(items.map(({ name }) => name));
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
    return {
      accepted: items.length,
      rejected: 0,
      refused: [],
      remaining: [],
      state: 'ok',
      messages: [],
    };
  }

  answer(): void {
    this.#waiting.shift()?.();
  }
}

/** A store with one session, and its trace with five spans of which the last one is the root. */
function followed(segment: number, segments: readonly (readonly TimedSpan[])[]) {
  const store = temporaryStore();
  createEventWriter(store).append([
    {
      session: 's',
      kind: 'session_start',
      eventId: 'start',
      operationKey: 'session',
      capture: 'hook',
      timeBasis: 'line',
      atMicros: 1,
      facts: { agent: 'a' },
    },
  ]);
  const root = listSessions(store)[0]!.id;
  const kept = segments[segment - 1]!;
  const live = {
    root,
    segment,
    closed: true,
    spanCount: kept.length,
    spansFrom: (position: number, limit: number) => kept.slice(position, position + limit),
  } as unknown as LiveTrace;
  const trace: FollowedTrace = {
    live,
    profile: {},
    replay: (n) => segments[n - 1]!,
    isDamaged: () => false,
  };
  return { trace, ledger: ledgerOf(store), root };
}

/** Requests wait for the disk before they go out. */
const sent = (count: number, ...senders: HeldSender[]) =>
  eventually(
    () => senders.flatMap((sender) => sender.sent).length === count,
    () => `${count} requests`,
  );

const turn = () => new Promise((resolve) => setImmediate(resolve));

it('opens a second request beside one that takes long; the ledger holds what was answered before it', async () => {
  const { trace, ledger, root } = followed(1, [spans]);
  const [slow, fast] = [new HeldSender(), new HeldSender()];
  const destination = new LiveDestination(
    { name: 'd', format: 'f', sender: slow, second: fast, patienceMillis: 0, batchItems: 2 },
    ledger,
  );
  const state = () => ledger.load('d', root, 'traces', 'f')!;
  destination.follow(trace);
  destination.pump();
  await sent(2, slow, fast);
  expect([slow.sent, fast.sent]).toEqual([[['1', '2']], [['3', '4']]]);
  destination.pump();
  await turn();
  expect(slow.sent.length + fast.sent.length).toBe(2);
  fast.answer();
  await sent(3, slow, fast);
  expect(state()).toMatchObject({ answered: 0, beyond: [3, 4], complete: false, accepted: 2 });
  expect(fast.sent).toEqual([['3', '4'], ['5']]);
  // A watcher that is killed now has sent three to five; the next one asks for nothing but what has no answer.
  expect(new LiveProgress(trace, state()).take(9).map(({ position }) => position)).toEqual([
    1, 2, 5,
  ]);
  fast.answer();
  await turn();
  expect(state()).toMatchObject({ answered: 0, beyond: [3, 4, 5], complete: false });
  slow.answer();
  await destination.settled();
  expect(state()).toMatchObject({ answered: 5, beyond: [], complete: true, accepted: 5 });
  expect(destination.busy).toBe(false);
});

it('keeps to one request while that one is not slow', async () => {
  const { trace, ledger } = followed(1, [spans]);
  const [first, second] = [new HeldSender(), new HeldSender()];
  const destination = new LiveDestination(
    { name: 'd', format: 'f', sender: first, second, patienceMillis: 3_600_000, batchItems: 2 },
    ledger,
  );
  destination.follow(trace);
  destination.pump();
  destination.pump();
  await sent(1, first, second);
  await turn();
  expect([first.sent, second.sent]).toEqual([[['1', '2']], []]);
});

it('starts no further segment before all requests of the previous one are answered', () => {
  const { trace, ledger } = followed(2, [spans, [span('continuation')]]);
  const progress = new LiveProgress(trace, undefined);
  const early = progress.take(9);
  expect(early.map(({ position }) => position)).toEqual([1, 2, 3, 4, 5]);
  expect(progress.take(9)).toEqual([]);
  expect(progress.take(9)).toEqual([]);
  progress.answered(early, new Set(), new Set());
  expect(progress.take(9)).toEqual([]);
  expect(progress.take(9).map(({ span: { name } }) => name)).toEqual(['continuation']);
  expect(ledger.segments(1)).toEqual([]);
});

it('sends nothing before its settling is on disk, and nothing while the disk cannot be written', async () => {
  const { trace, ledger } = followed(1, [spans]);
  const sender = new HeldSender();
  const disk: { take(): void; fail(): void }[] = [];
  const slow = {
    ...ledger,
    durably: (run: () => void) => {
      ledger.together(run);
      return new Promise<void>((take, reject) => {
        disk.push({ take, fail: () => reject(new Error('EIO')) });
      });
    },
  };
  const destination = new LiveDestination({ name: 'd', format: 'f', sender, batchItems: 2 }, slow);
  destination.follow(trace);
  destination.pump();
  await turn();
  expect(sender.sent).toEqual([]);
  disk[0]!.fail();
  await turn();
  expect(destination.blocked).toMatch(/cannot be written to disk \(EIO\)/);
  expect([sender.sent, destination.waiting]).toEqual([[], 5]);
  destination.unblock();
  destination.pump();
  await turn();
  expect(sender.sent).toEqual([]);
  disk[1]!.take();
  await turn();
  expect(sender.sent).toEqual([['1', '2']]);
});

it('sends what it had taken from one trace after another could not be read', async () => {
  const { trace, ledger } = followed(1, [spans]);
  const [sender, unread] = [new HeldSender(), new Error('busy')];
  const other = { ...trace.live, root: 99, spansFrom: () => undefined } as unknown as LiveTrace;
  const replay = () => {
    throw unread;
  };
  const destination = new LiveDestination(
    { name: 'd', format: 'f', sender, batchItems: 9 },
    ledger,
  );
  destination.follow(trace);
  destination.follow({ ...trace, live: other, replay });
  expect(() => destination.pump()).toThrow(unread);
  destination.forget(99);
  destination.pump();
  await sent(1, sender);
  expect(sender.sent).toEqual([['1', '2', '3', '4', '5']]);
  sender.answer();
  await destination.settled();
});
