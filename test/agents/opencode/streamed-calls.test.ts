import { join } from 'node:path';
import { expect, test } from 'vitest';
import { opencode } from '../../../src/agents/opencode/opencode.ts';
import type { Operation } from '../../../src/session/operation.ts';
import { runCli } from '../../support/cli.ts';
import { temporaryFolder } from '../../support/temporary-store.ts';
import { readDatabase, textIn } from '../reading.ts';
import { entry, FIRST, message, newDatabase, SECOND, session, T, tokens } from './new-database.ts';

/** Imports the database after each of the changes, and once more into a store of its own. Returns the only call of both. */
async function callOfEach(path: string, changes: readonly (() => void)[]) {
  const folder = temporaryFolder();
  const followed = join(folder, 'followed.db');
  const fresh = join(folder, 'fresh.db');
  for (const change of changes) {
    change();
    await runCli(['import', path, '--db', followed]);
  }
  await runCli(['import', path, '--db', fresh]);
  const calls = [];
  for (const db of [followed, fresh]) {
    const { stdout } = await runCli(['show', '--json', '--db', db]);
    const operations = JSON.parse(stdout).operations as Operation[];
    for (const operation of operations) {
      if (operation.kind !== 'tool_call') continue;
      const { startMicros, endMicros, startBasis, endBasis, outcome } = operation;
      const at = [startMicros, endMicros].map((micros) => micros / 1000 - T);
      calls.push([...at, startBasis, endBasis, outcome]);
    }
  }
  return calls;
}

const answer = {
  role: 'assistant',
  modelID: 'm',
  time: { created: T + 1000 },
};

test('a call whose input was still streaming has the length of its run (1.x)', async () => {
  const { path, database } = newDatabase();
  database.exec(FIRST);
  session(database, 'ses_1');
  const write = (state: object) => ({ type: 'tool', callID: 'c', tool: 'write', state });
  const input = { filePath: '/tide.md', content: 'x' };
  const calls = await callOfEach(path, [
    () => message(database, 'ses_1', 'm1', 1000, answer, [write({ status: 'pending', input: {} })]),
    () => {
      const time = { start: T + 40_000, end: T + 40_050 };
      const done = {
        ...answer,
        finish: 'stop',
        time: { created: T + 1000, completed: T + 41_000 },
      };
      message(database, 'ses_1', 'm1', 1000, { ...done, tokens: tokens(9, 9) }, [
        write({ status: 'completed', input, output: 'ok', time }),
      ]);
      database.exec(`update message set time_updated = ${T + 41_000}`);
      database.exec(`update session set time_updated = ${T + 41_000}`);
    },
  ]);
  const run = [40_000, 40_050, 'recorded', 'recorded', 'ok'];
  expect(calls).toEqual([run, run]);
});

test('a call whose input was still streaming has the length of its run (2.x)', async () => {
  const { path, database } = newDatabase();
  database.exec(SECOND);
  session(database, 'ses_1', {}, 'session_v2');
  const created = { created: T + 3000 };
  const says = (state: object, time: object, more: object = {}) =>
    entry(database, 'ses_1', 1, 'assistant', 1000, {
      model: { id: 'm' },
      content: [{ type: 'tool', id: 'c', name: 'write', state, time }],
      time: { created: T + 1000 },
      ...more,
    });
  const input = { path: '/tide.md' };
  const later = (millis: number) => {
    database.exec(`update session_message set time_updated = ${T + millis}`);
    database.exec(`update session_v2 set time_updated = ${T + millis}`);
  };
  const calls = await callOfEach(path, [
    () => says({ status: 'streaming', input: '{"pa' }, created),
    () => {
      says({ status: 'running', input }, { ...created, ran: T + 40_000 });
      later(40_000);
    },
    () => {
      const content = [{ type: 'text', text: 'ok' }];
      const time = { ...created, ran: T + 40_000, completed: T + 40_050 };
      const ended = { created: T + 1000, streamed: T + 39_900, completed: T + 40_100 };
      says({ status: 'completed', input, content }, time, { finish: 'tool-calls', time: ended });
      later(40_100);
    },
  ]);
  const run = [40_000, 40_050, 'recorded', 'recorded', 'ok'];
  expect(calls).toEqual([run, run]);
});

test('a call that did not run yet starts about when it was written down', async () => {
  const { path, database } = newDatabase();
  database.exec(FIRST);
  session(database, 'ses_1');
  const state = { status: 'pending', input: {} };
  const calls = await callOfEach(path, [
    () =>
      message(database, 'ses_1', 'm1', 1000, answer, [
        { type: 'tool', callID: 'c', tool: 'write', state },
      ]),
  ]);
  const waiting = [1100, 1100, 'inferred', 'inferred', 'unknown'];
  expect(calls).toEqual([waiting, waiting]);
});

test('a thought that still grows is not stated before it is whole', () => {
  const { path, database } = newDatabase();
  database.exec(FIRST);
  session(database, 'ses_1');
  const thoughts = (text: string, end?: number) => {
    const time = { start: T + 1100, end };
    message(database, 'ses_1', 'm1', 1000, answer, [{ type: 'reasoning', text, time }]);
    return textIn(readDatabase(opencode, path).events, 'llm_request', 'reasoning');
  };
  expect(thoughts('The tide ')).toEqual([]);
  expect(thoughts('The tide is low.', T + 1200)).toEqual(['The tide is low.']);
});
