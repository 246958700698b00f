import Sqlite from 'better-sqlite3';
import { expect, it } from 'vitest';
import { followSession } from '../../src/commands/followed-session.ts';
import type { EventDraft } from '../../src/session/event.ts';
import { ledgerOf } from '../../src/store/ledger.ts';
import { createTraceReader } from '../../src/store/read-trace.ts';
import { listSessions } from '../../src/store/sessions.ts';
import { settledOf } from '../../src/store/settled.ts';
import { createEventWriter } from '../../src/store/write-events.ts';
import { eventually } from '../support/eventually.ts';
import { startOtlpServer } from '../support/otlp-server.ts';
import { spanSettings } from '../support/span-settings.ts';
import { temporaryStore } from '../support/temporary-store.ts';
import { startWatch } from '../support/watch-process.ts';
import { recordingStore } from '../support/watched-agent.ts';

const SESSION = '7a0b1e00-0000-4000-8000-000000000001';

it('waits for a writer that holds the store for long, and loses nothing', async () => {
  const server = await startOtlpServer();
  const store = recordingStore(SESSION);
  store.start();
  const watcher = startWatch(store.path, server.url);
  store.call()();
  await eventually(
    () => server.stored().size === 1,
    () => 'the first call',
  );
  const other = new Sqlite(store.path);
  store.call()();
  other.exec('BEGIN IMMEDIATE');
  await eventually(
    () => /in use by another writer; what waits is written later/.test(watcher.said()),
    watcher.said,
  );
  other.exec('ROLLBACK');
  other.close();
  store.call()();
  store.end();
  await eventually(
    () => server.stored().size === 4,
    () => `all spans, ${server.stored().size} are there:\n${watcher.said()}`,
  );
  expect(await watcher.stop()).toBe(130);
  expect(server.copies()).toEqual({ equal: 0, differing: 0 });
  store.close();
  await server.close();
});

it('takes in a long recording in turns, so that sending and signals are not kept waiting', () => {
  const store = temporaryStore();
  const calls = Array.from({ length: 6000 }, (_, call) => call);
  const fact = { session: SESSION, capture: 'hook', timeBasis: 'received', atMicros: 1 } as const;
  createEventWriter(store).append([
    {
      ...fact,
      kind: 'session_start',
      eventId: 'start',
      operationKey: 'session',
      facts: { agent: 'a' },
    },
    ...calls.flatMap((call): EventDraft[] => {
      const operationKey = `tool:${call}`;
      return [
        {
          ...fact,
          kind: 'tool_call',
          eventId: `${call}/pre`,
          operationKey,
          facts: { name: 'Bash' },
        },
        {
          ...fact,
          kind: 'tool_result',
          eventId: `${call}/post`,
          operationKey,
          facts: { outcome: 'ok' },
        },
      ];
    }),
  ]);
  const source = {
    store,
    reader: createTraceReader(store),
    settings: spanSettings(store, 'otlp-genai'),
    ledger: ledgerOf(store),
    settled: settledOf(store),
  };
  const { live } = followSession(source, listSessions(store)[0]!, {
    destinations: [],
    idleMillis: Number.MAX_SAFE_INTEGER,
    keptSpans: undefined,
    startSpan: false,
    onOperation: () => undefined,
  });
  const turn = () => {
    const before = live.spanCount;
    live.advance(0);
    // Nothing can be sent before it is written down how it was settled.
    expect([live.unwritten, live.spanCount]).toEqual([true, before]);
    expect(live.spansFrom(before, 10) ?? []).toEqual([]);
    live.write();
    live.written();
  };
  turn();
  const first = live.spanCount;
  expect(live.behind).toBe(true);
  expect(first).toBeGreaterThan(0);
  for (let turns = 0; live.behind; turns++) {
    expect(turns).toBeLessThan(calls.length);
    turn();
  }
  expect(first).toBeLessThan(calls.length);
  expect(live.spanCount).toBe(calls.length);
});
