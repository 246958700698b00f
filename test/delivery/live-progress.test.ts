import { describe, expect, it } from 'vitest';
import {
  type DueSpan,
  type FollowedTrace,
  LiveProgress,
} from '../../src/delivery/live-progress.ts';
import type { LiveTrace } from '../../src/delivery/live-trace.ts';
import type { DeliveryState } from '../../src/delivery/ports.ts';
import { ReachedPositions } from '../../src/delivery/reached-positions.ts';
import type { TimedSpan } from '../../src/exporters/encoder.ts';
import { makeSpans } from '../support/spans.ts';

const SPANS = makeSpans(6) as TimedSpan[];
const START = makeSpans(7)[6] as TimedSpan;

/** A trace of six spans in segment `segment`, which memory keeps or only the store has. */
function followed(own: { segment?: number; closed?: boolean; kept?: boolean } = {}): FollowedTrace {
  const { segment = 1, closed = false, kept = true } = own;
  const live = {
    ...{ root: 1, segment, closed, spanCount: SPANS.length },
    spansFrom: (position: number, limit: number) =>
      kept ? SPANS.slice(position, position + limit) : undefined,
  };
  return {
    live: live as unknown as LiveTrace,
    profile: {},
    start: START,
    replay: () => SPANS,
    isDamaged: () => false,
  };
}

const places = (due: readonly DueSpan[]) => due.map(({ position }) => position);
const answer = (progress: LiveProgress, items: readonly DueSpan[], open: readonly number[] = []) =>
  progress.answered(
    items,
    new Set(items.filter(({ position }) => open.includes(position)).map(({ span }) => span)),
    new Set(),
  );
const known = (own: Partial<DeliveryState>): DeliveryState => ({
  ...{ profile: {}, segment: 1, answered: 0, beyond: [], complete: false },
  ...{ accepted: 0, rejected: 0, refused: 0 },
  ...own,
});

describe.each([true, false])('what is due of a trace (kept in memory: %s)', (kept) => {
  it('is each span once, the remark that it began first, and again what had no answer', () => {
    const progress = new LiveProgress(followed({ kept }), undefined);
    const first = progress.take(4);
    expect(places(first)).toEqual([0, 1, 2, 3]);
    expect(places(progress.take(2))).toEqual([4, 5]);
    answer(progress, first, [0, 2]);
    expect(progress.state).toMatchObject({ answered: 1, beyond: [3], accepted: 2 });
    expect(places(progress.take(9))).toEqual([0, 2, 6]);
    expect(progress.take(9)).toEqual([]);
  });

  it('leaves out what had its answer in an earlier run, without asking for less', () => {
    const progress = new LiveProgress(followed({ kept }), known({ answered: 1, beyond: [2, 3] }));
    expect(places(progress.take(2))).toEqual([4, 5]);
  });

  it('is over with the last answer after the trace was closed', () => {
    const progress = new LiveProgress(followed({ kept, closed: true }), known({ answered: 4 }));
    const rest = progress.take(9);
    answer(progress, rest.slice(0, 1));
    expect([progress.state.complete, progress.done]).toEqual([false, false]);
    answer(progress, rest.slice(1));
    expect([progress.state.complete, progress.done]).toEqual([true, true]);
  });
});

it('what could not be read from the store is still due', () => {
  let fails = true;
  function* replay() {
    for (const [index, span] of SPANS.entries()) {
      if (index === 2 && fails) throw new Error('busy');
      yield span;
    }
  }
  const trace = { ...followed({ kept: false, closed: true }), replay };
  const progress = new LiveProgress(trace, known({}));
  answer(progress, progress.take(3));
  expect(() => progress.take(9)).toThrow('busy');
  fails = false;
  expect(places(progress.take(9))).toEqual([3, 4, 5, 6]);
  expect(progress.state.complete).toBe(false);
});

it('the segment before the present one is not over with it', () => {
  const progress = new LiveProgress(followed({ segment: 2, closed: true }), known({ answered: 5 }));
  answer(progress, progress.take(1));
  expect(progress.state).toMatchObject({ segment: 1, complete: false });
});

it('what is refused is counted apart from what is accepted', () => {
  const progress = new LiveProgress(followed(), known({ answered: 1 }));
  const due = progress.take(3);
  progress.answered(due, new Set(), new Set([due[1]!.span]));
  expect(progress.state).toMatchObject({ answered: 4, accepted: 2, refused: 1 });
});

it.each([true, false])(
  'a closed trace with nothing left to read is over unless it is damaged (%s)',
  (damaged) => {
    const replay = () => SPANS.slice(0, 2);
    const trace = { ...followed({ kept: false, closed: true }), replay, isDamaged: () => damaged };
    const progress = new LiveProgress(trace, known({ answered: 2 }));
    expect(progress.take(9)).toEqual([]);
    expect(progress.state.complete).toBe(!damaged);
  },
);

it('of a segment before the present one, the spans of the present one wait', () => {
  const waiting = (segment: number) =>
    new LiveProgress(followed({ segment }), known({ answered: 4 })).waiting;
  expect([waiting(1), waiting(2)]).toEqual([2, 6]);
});

it('a position counts as reached from its own moment on', () => {
  const positions = new ReachedPositions();
  for (const [seq, at] of [
    [1, 10],
    [2, 10],
    [3, 20],
  ] as const)
    positions.reached(seq, at);
  expect([9, 10, 19, 20].map((at) => positions.before(at))).toEqual([0, 2, 2, 3]);
});
