import { expect, test } from 'vitest';
import { opencode } from '../../../src/agents/opencode/opencode.ts';
import { ofKind, operationsOf, readDatabase, readText, textIn } from '../reading.ts';
import { entry, FIRST, message, newDatabase, SECOND, session, T, tokens } from './new-database.ts';

test('what a fork copied from a session that is still there belongs to that session alone', () => {
  const answer = (parentID: string, at: number, output: number) => ({
    role: 'assistant',
    parentID,
    modelID: 'm',
    time: { created: T + at, completed: T + at + 5 },
    finish: 'stop',
    tokens: tokens(10, output),
  });
  const { path, database } = newDatabase();
  database.exec(FIRST + SECOND);
  session(database, 'ses_old');
  session(database, 'ses_fork', { at: T + 1000, title: 'Tide tables (fork #1)' });
  session(database, 'ses_again', { at: T + 2000 });
  session(database, 'ses_lone', { at: T + 3000 });
  for (const id of ['old', 'fork', 'again'])
    message(database, `ses_${id}`, `msg_${id}_1`, 10, answer('', 10, 3));
  message(database, 'ses_fork', 'msg_fork_2', 1500, answer('', 1500, 5));
  message(database, 'ses_again', 'msg_again_2', 1500, answer('', 1500, 5));
  message(database, 'ses_again', 'msg_again_3', 2500, answer('', 2500, 7));
  // Its original is gone.
  message(database, 'ses_lone', 'msg_lone_1', 20, answer('', 20, 9));
  session(database, 'ses_new', {}, 'session_v2');
  session(database, 'ses_new_fork', { at: T + 1000 }, 'session_v2');
  database.exec("update session_v2 set fork_session_id = 'ses_new' where id = 'ses_new_fork'");
  entry(database, 'ses_new', 1, 'user', 10, { text: 'When?' });
  entry(database, 'ses_new_fork', 1, 'user', 10, { text: 'When?' });
  entry(database, 'ses_new_fork', 2, 'user', 1100, { text: 'And tomorrow?' });
  const { events } = readDatabase(opencode, path);
  const outputs = (id: string) =>
    ofKind(operationsOf(events, id), 'llm_call').map(({ usage }) => usage?.output);
  expect(['ses_old', 'ses_fork', 'ses_again', 'ses_lone'].map(outputs)).toEqual([
    [3],
    [5],
    [7],
    [9],
  ]);
  expect(textIn(events, 'prompt').sort()).toEqual(['And tomorrow?', 'When?']);
  const parents = events
    .filter(({ kind }) => kind === 'session_start')
    .map((event) => [event.session, event.facts.parent_session]);
  expect(Object.fromEntries(parents)).toMatchObject({
    ses_fork: 'ses_old',
    ses_new_fork: 'ses_new',
    ses_old: undefined,
    ses_lone: undefined,
  });
});

test('an exported fork of version 2 names the session that it was forked from', () => {
  const fork = { sessionID: 'ses_old', boundary: { messageID: 'msg_2' } };
  const info = { id: 'ses_fork', fork, time: { created: T, updated: T } };
  const messages = [{ id: 'msg_3', type: 'user', text: 'When?', time: { created: T } }];
  const { events } = readText(opencode, JSON.stringify({ info, messages }), {
    path: '/out/x.json',
  });
  expect(events[0]).toMatchObject({ session: 'ses_fork', facts: { parent_session: 'ses_old' } });
});
