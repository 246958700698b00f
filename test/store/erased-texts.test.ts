import { setTimeout } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { createTraceReader } from '../../src/store/read-trace.ts';
import { createEventWriter } from '../../src/store/write-events.ts';
import { temporaryStore } from '../support/temporary-store.ts';

it('an erased text does not reappear from a page read earlier', async () => {
  const store = temporaryStore();
  createEventWriter(store).append([
    {
      session: 'e5a5ed00-0000-4000-8000-000000000000',
      kind: 'prompt',
      capture: 'transcript',
      eventId: 'prompt',
      operationKey: 'prompt:1',
      atMicros: 1_760_000_000_000_000,
      timeBasis: 'line',
      facts: {},
      contents: [{ name: 'text', text: 'forget me', media: 'text/plain' }],
    },
  ]);
  const reader = createTraceReader(store);
  const { seq } = reader.page(1, 0, 100, 10)[0]!.event;
  expect(reader.content(seq, 'text')).toBe('forget me');
  store.database.prepare('UPDATE contents SET bytes = NULL, salt = NULL').run();
  await setTimeout(1500);
  expect(reader.content(seq, 'text')).toBeUndefined();
});
