import { expect, test } from 'vitest';
import { opencode } from '../../../src/agents/opencode/opencode.ts';
import { expectWellFormed } from '../expectations.ts';
import { countsOf, ofKind, operationsOf, readDatabase, textIn } from '../reading.ts';
import { entry, FIRST, message, newDatabase, SECOND, session, T, tokens } from './new-database.ts';
import { secondGeneration } from './second-generation.ts';

test('a 2.x database: entries by type, both generations united, the newer one preferred', () => {
  const reading = readDatabase(opencode, secondGeneration());
  expectWellFormed(reading.events);
  expect(textIn(reading.events, 'prompt').sort()).toEqual([
    'When is low tide?',
    'only in the old tables',
  ]);
  expect(JSON.stringify(reading.events)).not.toContain('secret instructions');
  expect(reading.shapes).toEqual(['hologram']);
  const operations = operationsOf(reading.events, 'ses_n');
  expect(countsOf(operations)).toEqual({
    prompts: 1,
    responses: 1,
    tools: 2,
    toolErrors: 2,
    input: 21,
    output: 8,
    cacheRead: 3,
    reasoning: 2,
  });
  const calls = ofKind(operations, 'llm_call');
  expect(calls[0]).toMatchObject({
    provider: 'openai',
    // `streamed` is when the stream ended.
    timeToFirstChunkMicros: undefined,
    cost: { usd: 0.5 },
  });
  expect(calls.find((call) => call.error !== undefined)).toMatchObject({
    error: { type: 'APIError' },
    httpStatus: 529,
    retryCount: 2,
  });
  expect(ofKind(operations, 'compaction')).toMatchObject([{ trigger: 'auto' }]);
  expect(ofKind(operations, 'turn')).toMatchObject([{ outcome: 'error' }]);
});

test('version 2 says how a call, a command and an answer ended, and when', () => {
  const { path, database } = newDatabase();
  database.exec(FIRST + SECOND);
  session(database, 'ses_1', {}, 'session_v2');
  entry(database, 'ses_1', 1, 'user', 0, { text: 'Rename the buoy.' });
  const tool = (id: string, name: string, input: object, state: object) => ({
    type: 'tool',
    id,
    name,
    state: { status: 'error', input, ...state },
    time: { created: T + 40, ran: T + 50, completed: T + 900 },
  });
  const patchText = '*** Begin Patch\n*** Update File: a.md\n*** Move to: b.md\n*** End Patch';
  entry(database, 'ses_1', 2, 'assistant', 10, {
    model: { id: 'm', providerID: 'p' },
    content: [
      tool(
        'c1',
        'write',
        { path: '/x' },
        {
          error: { type: 'permission.rejected', message: 'Permission denied: edit' },
        },
      ),
      tool(
        'c2',
        'shell',
        { command: 'sleep 9' },
        {
          error: { type: 'aborted', message: 'Tool execution interrupted: shell' },
        },
      ),
      tool(
        'c3',
        'patch',
        { patchText },
        {
          status: 'completed',
          content: [{ type: 'text', text: 'Success.' }],
        },
      ),
      tool(
        'c4',
        'subagent',
        { agent: 'explore', description: 'Look', prompt: 'Look.' },
        {
          error: { type: 'tool.execution', message: 'Subagent failed' },
          metadata: { sessionID: 'ses_2', status: 'running' },
        },
      ),
    ],
    finish: 'tool-calls',
    tokens: tokens(5, 6),
    time: { created: T + 10, streamed: T + 60, completed: T + 900 },
  });
  session(database, 'ses_2', { parent: 'ses_1', agent: null, at: T + 50 }, 'session_v2');
  entry(database, 'ses_1', 3, 'assistant', 910, {
    model: { id: 'm' },
    content: [],
    error: { type: 'provider.rate-limit', message: 'slow down', status: 429 },
    time: { created: T + 910, completed: T + 950 },
  });
  entry(database, 'ses_1', 4, 'shell', 960, {
    shellID: 'sh_1',
    command: 'tide',
    status: 'timeout',
    time: { completed: T + 990 },
  });
  entry(database, 'ses_1', 5, 'shell', 991, {
    shellID: 'sh_2',
    command: 'tide',
    status: 'killed',
    time: { completed: T + 995 },
  });
  entry(database, 'ses_1', 7, 'shell', 999, {
    shellID: 'sh_3',
    command: 'tide',
    status: 'running',
    output: 'so far',
    time: { created: T + 999 },
  });
  entry(database, 'ses_1', 6, 'compaction', 996, {
    status: 'completed',
    reason: 'manual',
    summary: 'Renamed.',
    model: { id: 'small', providerID: 'p' },
    tokens: tokens(7, 1),
  });
  const operations = operationsOf(readDatabase(opencode, path).events, 'ses_1');
  const calls = Object.fromEntries(
    ofKind(operations, 'tool_call').map((call) => [call.callId, call]),
  );
  const ends = ofKind(operations, 'tool_call').map((call) => [
    call.callId,
    call.outcome,
    call.error?.type,
  ]);
  expect(ends).toEqual([
    ['c1', 'denied', undefined],
    ['c2', 'interrupted', undefined],
    ['c3', 'ok', undefined],
    ['c4', 'error', 'tool.execution'],
    ['sh_1', 'error', 'timeout'],
    ['sh_2', 'interrupted', undefined],
    ['sh_3', 'unknown', undefined],
  ]);
  expect(calls.c3?.files).toEqual([
    { action: 'write', path: 'a.md' },
    { action: 'move', path: 'b.md' },
  ]);
  expect(ofKind(operations, 'subagent')).toMatchObject([
    { agentId: 'ses_2', agentType: 'explore', parentId: calls.c4?.id },
  ]);
  const [first, second, third] = ofKind(operations, 'llm_call');
  expect(first).toMatchObject({
    startMicros: (T + 10) * 1000,
    endMicros: (T + 60) * 1000,
    endBasis: 'recorded',
  });
  expect(second).toMatchObject({ httpStatus: 429, error: { type: 'provider.rate-limit' } });
  expect(third).toMatchObject({ requestModel: 'small', usage: { input: 7 }, compacted: true });
});

test('the zeros of an answer of version 2 count only where it was finished', () => {
  const { path, database } = newDatabase();
  database.exec(FIRST + SECOND);
  session(database, 'ses_1', {}, 'session_v2');
  const zeros = { model: { id: 'm' }, content: [], cost: 0, tokens: tokens(0, 0) };
  const time = (at: number) => ({ created: T + at, completed: T + at + 9 });
  entry(database, 'ses_1', 1, 'user', 0, { text: 'Count the buoys.' });
  const error = { type: 'aborted', message: 'stopped' };
  entry(database, 'ses_1', 2, 'assistant', 10, { ...zeros, time: time(10), error });
  entry(database, 'ses_1', 3, 'assistant', 20, { ...zeros, time: { created: T + 20 } });
  entry(database, 'ses_1', 4, 'assistant', 30, { ...zeros, time: time(30), finish: 'stop' });
  // So a move to version 2 left an answer of 1.x that was broken off.
  entry(database, 'ses_1', 5, 'assistant', 40, { ...zeros, time: time(40) });
  const calls = ofKind(operationsOf(readDatabase(opencode, path).events, 'ses_1'), 'llm_call');
  expect(calls.map(({ usage }) => usage?.input)).toEqual([undefined, undefined, 0, undefined]);
});

test.each([
  [undefined, 24],
  [130, 20],
  [134, 24],
])('with %j as the recorded total, %i tokens were put out', (total, output) => {
  const { path, database } = newDatabase();
  database.exec(FIRST);
  session(database, 'ses_1');
  const done = { role: 'assistant', time: { created: T, completed: T + 9 }, finish: 'stop' };
  const used = { ...tokens(70, 20, 4, 30, 10), total };
  message(database, 'ses_1', 'msg_1', 0, { ...done, tokens: used });
  const [call] = ofKind(operationsOf(readDatabase(opencode, path).events), 'llm_call');
  expect(call?.usage).toMatchObject({ input: 110, output, reasoning: 4 });
});

test('the table of entries without numbers, as 1.14 made it, takes nothing away', () => {
  const { path, database } = newDatabase();
  database.exec(FIRST);
  database.exec(
    'create table session_message (id text primary key, session_id text, type text, time_created integer, time_updated integer, data text)',
  );
  for (const id of ['ses_1', 'ses_2']) session(database, id);
  message(database, 'ses_1', 'msg_1', 0, { role: 'user', time: { created: T } }, [
    { type: 'text', text: 'When is high tide?' },
  ]);
  const add = database.prepare('insert into session_message values (?, ?, ?, ?, ?, ?)');
  const row = (id: string, of: string, type: string, at: number, data: object) =>
    add.run(id, of, type, T + at, T + at, JSON.stringify(data));
  row('msg_0', 'ses_1', 'model-switched', 0, { model: { id: 'm' } });
  row('msg_9', 'ses_2', 'user', 10, { text: 'first' });
  row('msg_8', 'ses_2', 'user', 20, { text: 'second' });
  const reading = readDatabase(opencode, path);
  expect(textIn(reading.events, 'prompt').sort()).toEqual([
    'When is high tide?',
    'first',
    'second',
  ]);
  expect(
    ofKind(operationsOf(reading.events, 'ses_2'), 'turn').map((turn) => turn.promptId),
  ).toEqual(['msg_9', 'msg_8']);
});

test('what happens between turns is of none; an answer without a new prompt goes on with the last', () => {
  const { path, database } = newDatabase();
  database.exec(FIRST + SECOND);
  session(database, 'ses_1', {}, 'session_v2');
  const shell = { command: 'git status', status: 'exited', exit: 0, output: 'clean' };
  const answer = (second: number, text: string) => ({
    model: { id: 'm', providerID: 'p' },
    time: { created: T + second, completed: T + second },
    finish: 'stop',
    tokens: tokens(1, 1),
    content: [{ type: 'text', text }],
  });
  const rows: [number, string, object][] = [
    [0, 'user', { text: 'Is it clean?' }],
    [5, 'shell', { ...shell, shellID: 'inside' }],
    [10, 'assistant', answer(10, 'It is.')],
    [20, 'idle', { outcome: 'succeeded' }],
    [600, 'shell', { ...shell, shellID: 'between' }],
    [700, 'compaction', { reason: 'manual', summary: 'short', tokens: tokens(7, 1) }],
    [800, 'assistant', answer(800, 'A watch reports.')],
    [810, 'idle', { outcome: 'succeeded' }],
    [900, 'user', { text: 'Thanks' }],
    [910, 'assistant', answer(910, 'Gladly.')],
  ];
  for (const [place, [at, type, data]] of rows.entries())
    entry(database, 'ses_1', place + 1, type, at, data);
  const operations = operationsOf(readDatabase(opencode, path).events, 'ses_1');
  const turns = ofKind(operations, 'turn').map(({ id }) => id);
  const places = (kind: 'tool_call' | 'compaction' | 'llm_call' | 'response') =>
    ofKind(operations, kind).map(({ parentId }) => turns.indexOf(parentId ?? ''));
  expect(turns).toHaveLength(2);
  expect(places('tool_call')).toEqual([0, -1]);
  expect(places('compaction')).toEqual([-1]);
  expect(places('llm_call')).toEqual([0, -1, 0, 1]);
  expect(places('response')).toEqual([0, 0, 1]);
});

test('a compaction that failed is told as a failure, and one that runs not yet', () => {
  const { path, database } = newDatabase();
  database.exec(FIRST + SECOND);
  session(database, 'ses_1', {}, 'session_v2');
  entry(database, 'ses_1', 1, 'user', 0, { text: 'Chart the bay.' });
  entry(database, 'ses_1', 2, 'compaction', 200, {
    status: 'failed',
    reason: 'auto',
    error: { type: 'context_overflow', message: 'too long', status: 400 },
    model: { id: 'small' },
    tokens: tokens(7, 1),
  });
  entry(database, 'ses_1', 3, 'compaction', 300, {
    status: 'failed',
    error: { type: 'aborted', message: 'stopped' },
  });
  entry(database, 'ses_1', 4, 'compaction', 400, { status: 'running', reason: 'manual' });
  const { events } = readDatabase(opencode, path);
  const operations = operationsOf(events);
  expect(ofKind(operations, 'compaction')).toEqual([]);
  const [failed, stopped] = ofKind(operations, 'notice');
  expect(failed).toMatchObject({
    name: 'compaction_failed',
    level: 'error',
    facts: { error_type: 'context_overflow', http_status: 400, trigger: 'auto' },
  });
  expect(stopped).toMatchObject({ name: 'compaction_failed', level: 'warning' });
  expect(textIn(events, 'notice', 'error')).toEqual(['too long', 'stopped']);
  expect(ofKind(operations, 'llm_call')).toMatchObject([
    { requestModel: 'small', usage: { input: 7 }, error: { type: 'context_overflow' } },
  ]);
});

test('a command as the first rows of version 2 had it', () => {
  const { path, database } = newDatabase();
  database.exec(FIRST + SECOND);
  session(database, 'ses_1', {}, 'session_v2');
  entry(database, 'ses_1', 1, 'shell', 0, {
    shell: { id: 'sh_1', command: 'tide --low', status: 'exited', exit: 1 },
    output: { output: 'no almanac', truncated: false },
    time: { created: T, completed: T + 100 },
  });
  entry(database, 'ses_1', 2, 'shell', 200, {
    shell: { id: 'sh_2', command: 'tide', status: 'running' },
    output: { output: 'so far', truncated: false },
    time: { created: T + 200 },
  });
  const { events } = readDatabase(opencode, path);
  expect(textIn(events, 'tool_call', 'input')).toEqual([
    '{"command":"tide --low"}',
    '{"command":"tide"}',
  ]);
  const calls = ofKind(operationsOf(events), 'tool_call');
  expect(calls).toMatchObject([
    { outcome: 'error', exitCode: 1, executable: 'tide', error: { type: 'exit_code' } },
    { outcome: 'unknown', unfinished: true },
  ]);
});

test('reasoning keeps its place in an answer that was read while it was written', () => {
  const { path, database } = newDatabase();
  database.exec(SECOND);
  session(database, 'ses_g', {}, 'session_v2');
  entry(database, 'ses_g', 1, 'user', 0, { text: 'When is high tide?' });
  const content = [
    { type: 'reasoning', text: 'The moon.' },
    { type: 'text', text: 'At six.' },
  ];
  entry(database, 'ses_g', 2, 'assistant', 10, { content, time: { created: T + 10 } });
  const first = readDatabase(opencode, path);
  const time = { created: T + 10, streamed: T + 40, completed: T + 50 };
  entry(database, 'ses_g', 2, 'assistant', 10, { content, time, finish: 'stop' });
  const { events } = readDatabase(opencode, path, first.state);
  const [call] = ofKind(operationsOf([...first.events, ...events]), 'llm_call');
  expect(call!.messageRefs.outputs.map(({ type }) => type)).toEqual(['reasoning', 'text']);
});
