import { expect, test } from 'vitest';
import { opencode } from '../../../src/agents/opencode/opencode.ts';
import { ofKind, operationsOf, readDatabase } from '../reading.ts';
import { FIRST, message, newDatabase, session, T, tokens } from './new-database.ts';

/** An id as OpenCode makes them: the time in milliseconds, a counter, and random letters. */
const timedId = (at: number) =>
  `prt_${BigInt.asUintN(48, BigInt(T + at) * 4096n + 1n)
    .toString(16)
    .padStart(12, '0')}AbCdEfGhIjKlMn`;

const done = (at: number) => ({ type: 'step-finish', reason: 'stop', tokens: tokens(at, 1) });

/** A session of two answers: one of two steps, and one that was never finished. */
function stepsOf(rowTimes: (at: number) => number, ids: (at: number) => string) {
  const { path, database } = newDatabase();
  database.exec(FIRST);
  session(database, 'ses_a');
  const answer = { role: 'assistant', parentID: '', modelID: 'm', tokens: tokens(0, 0) };
  const [first, second] = [
    { ...answer, time: { created: T + 1000, completed: T + 9000 } },
    { ...answer, time: { created: T + 20_000 } },
  ];
  message(database, 'ses_a', 'msg_1', 1000, first);
  message(database, 'ses_a', 'msg_2', 20_000, second);
  message(database, 'ses_a', 'msg_3', 30_000, { role: 'user', time: { created: T + 30_000 } });
  const put = database.prepare('insert into part values (?, ?, ?, ?, ?, ?)');
  const part = (of: string, at: number, data: object) =>
    put.run(ids(at), of, 'ses_a', rowTimes(at), rowTimes(at), JSON.stringify(data));
  part('msg_1', 1500, { type: 'text', text: 'High at six.' });
  part('msg_1', 3000, done(7));
  part('msg_1', 4000, { type: 'text', text: 'Low at noon.' });
  part('msg_1', 8000, done(8));
  part('msg_2', 21_000, { type: 'text', text: 'And tomor' });
  part('msg_2', 22_000, { type: 'tool', callID: 'c', tool: 'bash', state: { status: 'pending' } });
  const operations = operationsOf(readDatabase(opencode, path).events);
  const timesOf = (kind: 'llm_call' | 'response' | 'tool_call') =>
    ofKind(operations, kind).map(({ startMicros, endMicros }) => [
      startMicros / 1000 - T,
      endMicros / 1000 - T,
    ]);
  return {
    calls: timesOf('llm_call'),
    texts: timesOf('response'),
    tools: timesOf('tool_call').map(([start]) => start),
  };
}

const MONTHS = 5_000_000_000;

test('the rows of a session that was moved into the database are as old as the move; ids tell when it was', () => {
  const expected = stepsOf((at) => T + at, timedId);
  expect(expected.calls.slice(0, 2)).toEqual([
    [1000, 3000],
    [3000, 8000],
  ]);
  expect(expected.texts).toEqual([
    [1500, 1500],
    [4000, 4000],
    [21_000, 21_000],
  ]);
  expect(stepsOf(() => T + MONTHS, timedId)).toEqual(expected);
});

test('a row that is younger than its finished message says nothing, where its id is no older', () => {
  const { calls, texts } = stepsOf(
    (at) => T + at + MONTHS,
    (at) => timedId(at + MONTHS),
  );
  expect([...calls.slice(0, 2), ...texts.slice(0, 2)].flat().every((at) => at <= 9000)).toBe(true);
});
