import { expect, test } from 'vitest';
import { opencode } from '../../../src/agents/opencode/opencode.ts';
import { ofKind, operationsOf, readDatabase } from '../reading.ts';
import { FIRST, message, newDatabase, session, T, tokens } from './new-database.ts';

test.each([
  [{ type: 'compaction', auto: true, overflow: true }, 'ContextOverflowError'],
  [{ type: 'compaction', auto: true }, undefined],
])('an answer that %j broke off has no tokens and ends no turn', (compaction, error) => {
  const { path, database } = newDatabase();
  database.exec(FIRST);
  session(database, 'ses_1');
  const user = (at: number) => ({ role: 'user', time: { created: T + at } });
  const answer = (parentID: string, created: number, completed: number, more: object) => ({
    role: 'assistant',
    parentID,
    modelID: 'm',
    tokens: tokens(0, 0),
    time: { created: T + created, completed: T + completed },
    ...more,
  });
  const text = { type: 'text', text: 'Chart the bay.' };
  const done = { finish: 'stop', tokens: tokens(50, 20) };
  message(database, 'ses_1', 'msg_1', 0, user(0), [text]);
  message(database, 'ses_1', 'msg_2', 10, answer('msg_1', 10, 500, {}));
  message(database, 'ses_1', 'msg_3', 600, user(600), [compaction]);
  message(database, 'ses_1', 'msg_4', 610, answer('msg_3', 610, 900, { ...done, summary: true }), [
    text,
  ]);
  message(database, 'ses_1', 'msg_5', 950, user(950), [text]);
  message(database, 'ses_1', 'msg_6', 960, answer('msg_5', 960, 1900, done), [text]);
  const operations = operationsOf(readDatabase(opencode, path).events);
  const [cut, ...others] = ofKind(operations, 'llm_call');
  const turns = ofKind(operations, 'turn');
  expect(cut).toMatchObject({
    parentId: turns[0]?.id,
    startMicros: (T + 10) * 1000,
    endMicros: (T + 500) * 1000,
    unfinished: false,
  });
  expect([cut?.usage, cut?.error?.type]).toEqual([undefined, error]);
  expect(others.map(({ usage, error: failed }) => [usage?.input, failed])).toEqual([
    [50, undefined],
    [50, undefined],
  ]);
  expect(turns.map(({ outcome }) => outcome)).toEqual(['unknown', 'completed', 'completed']);
});
