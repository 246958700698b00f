import { expect, it } from 'vitest';
import {
  deliverItems,
  type ItemLedger,
  type TraceItems,
} from '../../src/delivery/deliver-items.ts';
import type { BatchResult } from '../../src/exporters/bisecting.ts';

type State = Parameters<ItemLedger['save']>[2];

/** Sends the items of trace 1 to a destination that answers as told, with what is known from before. */
async function sent(
  versions: Readonly<Record<string, string>>,
  answer: (items: readonly string[]) => Partial<BatchResult<string>>,
  before?: State['answered'],
  signal = new AbortController().signal,
) {
  const items = Object.entries(versions).map(([key, version]) => ({
    key,
    version,
    item: `${key}${version}`,
  }));
  const trace: TraceItems<string> = { root: 1, throughSeq: 9, items };
  const asked: string[][] = [];
  let state: State | undefined = before && {
    profile: { units: true },
    answered: before,
  };
  const refused: unknown[] = [];
  const ledger: ItemLedger = {
    load: () => state,
    save: (_root, _seq, next) => {
      state = next;
    },
    refuse: (_root, some) => void refused.push(...some),
  };
  const whole = { rejected: 0, refused: [], remaining: [], state: 'ok', messages: [] } as const;
  const send = async (due: readonly string[]) => {
    asked.push([...due]);
    return { ...whole, accepted: due.length, ...answer(due) };
  };
  const options = { force: false, dryRun: false, signal };
  const target = { send, chunkItems: 10 };
  const result = await deliverItems([trace], target, ledger, { units: false }, options);
  return { result, asked, answered: state?.answered, refused };
}

it('what has another version is due again, and the rest stays known', async () => {
  const { asked, answered } = await sent({ a: '1', b: '2' }, () => ({}), {
    a: '1',
    b: '1',
    c: '1',
  });
  expect(asked).toEqual([['b2']]);
  expect(answered).toEqual({ a: '1', b: '2', c: '1' });
});

it('what had no answer is counted as unsent and stays due', async () => {
  const { result, answered } = await sent({ a: '1', b: '1' }, () => ({
    accepted: 1,
    remaining: ['b1'],
    state: 'retry_exhausted',
    reason: 'HTTP 503',
  }));
  expect(answered).toEqual({ a: '1' });
  expect(result).toMatchObject({ accepted: 1, unsent: 1, reason: 'HTTP 503' });
});

it('a single item that is refused stays due, because the destination may be at fault', async () => {
  const held = { item: 'a1', status: 400 };
  const { result, answered, refused } = await sent({ a: '1' }, () => ({
    accepted: 0,
    remaining: ['a1'],
    state: 'undecided',
    reason: 'HTTP 400',
    held,
  }));
  expect([answered, refused]).toEqual([undefined, []]);
  expect(result).toMatchObject({ unsent: 1, reason: 'HTTP 400' });
});

it('what is refused for good is recorded and not due again', async () => {
  const item = 'b1';
  const { result, answered, refused } = await sent({ a: '1', b: '1' }, () => ({
    accepted: 1,
    refused: [{ item, status: 400, message: 'too old' }],
  }));
  expect(answered).toEqual({ a: '1', b: '1' });
  expect(refused).toEqual([{ key: 'b', status: 400, message: 'too old' }]);
  expect(result).toMatchObject({ accepted: 1, unsent: 0, refused });
});

it('settings that have changed since everything was accepted are named', async () => {
  const { asked, result } = await sent({ a: '1' }, () => ({}), { a: '1' });
  expect(asked).toEqual([]);
  expect(result).toMatchObject({ alreadyDelivered: 1, changedSettings: new Set(['units']) });
});

it('what has not been sent when the run is interrupted is unsent', async () => {
  const { asked, result } = await sent({ a: '1' }, () => ({}), undefined, AbortSignal.abort());
  expect(asked).toEqual([]);
  expect(result).toMatchObject({ unsent: 1, reason: 'interrupted' });
});
