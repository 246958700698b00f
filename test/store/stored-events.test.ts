import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { EventDraft } from '../../src/session/event.ts';
import { createTraceReader } from '../../src/store/read-trace.ts';
import { createEventWriter } from '../../src/store/write-events.ts';
import { hookFact } from '../support/audit-cli.ts';
import { temporaryStore } from '../support/temporary-store.ts';

const SESSION = 'e5a5ed00-0000-4000-8000-000000000001';
const EVENTS = 3000;

/** All texts, and many that look like parts of a header. */
const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('', '},"n":', '\n', '\\', '"', '","v":1}', '},"lane":"', 'naïve', '模型'),
);
const facts = fc.dictionary(
  fc.oneof(fc.string(), fc.constantFrom('n', 'v', 'basis', 'name', 'call_id', 'outputs')),
  fc.oneof(text, fc.integer(), fc.boolean(), fc.array(text)),
);
const draft: fc.Arbitrary<Partial<EventDraft>> = fc.record({
  lane: fc.oneof(fc.constant(''), text),
  eventId: text,
  operationKey: text,
  parentKey: fc.option(text, { nil: undefined }),
  atMicros: fc.integer({ min: -5_000_000, max: 2 ** 52 }),
  capture: fc.constantFrom('hook', 'transcript', 'recorder', 'import'),
  timeBasis: fc.constantFrom('line', 'recorded', 'received', 'inferred'),
  facts,
  contents: fc.constantFrom([], [{ name: 'text', text: 'said', media: 'text/plain' }]),
});

it('events are read exactly as stored, whatever texts they contain', () => {
  const store = temporaryStore();
  const drafts = fc
    .sample(draft, { numRuns: EVENTS, seed: 11 })
    .map((one, n) => ({ ...hookFact(SESSION, 'notice', n, one), eventId: `${n}${one.eventId}` }));
  createEventWriter(store).append(drafts);
  const rows = store.database
    .prepare('SELECT seq, header, sealed FROM events ORDER BY seq')
    .all() as { seq: number; header: string; sealed: string | null }[];
  expect(rows.length).toBe(EVENTS);
  const expected = rows.map(({ seq, header: text, sealed }) => {
    const header = JSON.parse(text);
    return {
      seq,
      eventId: header.event_id,
      session: header.session,
      rootSession: SESSION,
      lane: header.lane ?? '',
      kind: header.type,
      capture: header.capture,
      operationId: header.op,
      parentOperationId: header.parent,
      atMicros: header.ts_us,
      timeBasis: header.basis,
      facts: { ...header.facts, ...(sealed === null ? {} : JSON.parse(sealed)) },
      contents:
        header.content?.text === undefined
          ? []
          : [
              {
                seq,
                name: 'text',
                size: header.content.text.size,
                commitment: header.content.text.commit,
                media: header.content.text.media,
              },
            ],
    };
  });
  const read = createTraceReader(store).page(1, 0, Number.MAX_SAFE_INTEGER, EVENTS + 1);
  expect(read.map(({ event }) => event)).toEqual(expected);
});
