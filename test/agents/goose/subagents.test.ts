import { expect, test } from 'vitest';
import { goose } from '../../../src/agents/goose/goose.ts';
import { ofKind, operationsOf, readDatabase } from '../reading.ts';
import { message, newDatabase, request, response, session, text } from './made-database.ts';

/** A session that delegates to another one, whose result names it. */
function delegated(parent: string | null) {
  const { path, database } = newDatabase();
  session(database, 'flock');
  session(database, 'gosling', parent);
  message(database, 'flock', 'user', 0, [text('Count them.')]);
  message(database, 'flock', 'assistant', 2, [
    request('d1', 'delegate', { instructions: 'Count the geese.' }),
    request('d2', 'load', { source: 'gosling' }),
  ]);
  const value = {
    content: [text('7 geese')],
    isError: false,
    _meta: { subagent_session_id: 'gosling' },
  };
  message(database, 'flock', 'user', 9, [response('d1', { status: 'success', value })]);
  message(database, 'flock', 'user', 10, [response('d2', { status: 'success', value })]);
  message(database, 'gosling', 'user', 3, [text('Count the geese.')]);
  message(database, 'gosling', 'assistant', 8, [text('7 geese')]);
  return readDatabase(goose, path).events;
}

test('a subagent is under the call whose result first names it', () => {
  const operations = operationsOf(delegated('flock'), 'flock');
  const [call] = ofKind(operations, 'tool_call');
  expect(call?.name).toBe('delegate');
  expect(ofKind(operations, 'subagent')).toMatchObject([
    { agentId: 'gosling', agentType: 'user', parentId: call!.id },
  ]);
});

test('a session that names no parent keeps a trace of its own', () => {
  const events = delegated(null);
  expect(events.filter(({ session }) => session === 'gosling')).not.toHaveLength(0);
  expect(events.filter(({ kind }) => kind === 'subagent_info')).toEqual([]);
});
