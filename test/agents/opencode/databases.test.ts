import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { afterAll, expect, test } from 'vitest';
import { opencode } from '../../../src/agents/opencode/opencode.ts';
import { AgentStraceError } from '../../../src/errors.ts';
import { runCli } from '../../support/cli.ts';
import { seeded } from '../../support/seeded.ts';
import { expectWellFormed } from '../expectations.ts';
import { wrongTypes } from '../mutations.ts';
import { countsOf, ofKind, operationsOf, readDatabase, stored, textIn } from '../reading.ts';

const folder = mkdtempSync(join(tmpdir(), 'opencode-'));
afterAll(() => rmSync(folder, { recursive: true }));

let made = 0;
const T = 1_790_000_000_000;

function newDatabase(): { path: string; database: Sqlite.Database } {
  const path = join(folder, `opencode-${++made}.db`);
  const database = new Sqlite(path);
  database.pragma('synchronous = off');
  database.pragma('journal_mode = memory');
  return { path, database };
}

const FIRST = `
  create table session (id text primary key, parent_id text, directory text, title text, version text, agent text, time_created integer, time_updated integer);
  create table message (id text primary key, session_id text, time_created integer, time_updated integer, data text);
  create table part (id text primary key, message_id text, session_id text, time_created integer, time_updated integer, data text);`;
const SECOND = `
  create table session_v2 (id text primary key, parent_id text, fork_session_id text, directory text, title text, version text, agent text, time_created integer, time_updated integer);
  create table session_message (id text primary key, session_id text, type text, seq integer, time_created integer, time_updated integer, data text);`;

function session(
  database: Sqlite.Database,
  id: string,
  more: Record<string, unknown> = {},
  table = 'session',
): void {
  const row = { parent: null, title: 'Tide tables', agent: 'build', at: T, ...more };
  database
    .prepare(
      `insert into ${table} (id, parent_id, directory, title, version, agent, time_created, time_updated) values (?, ?, '/home/ada/tides', ?, '1.18.13', ?, ?, ?)`,
    )
    .run(id, row.parent, row.title, row.agent, row.at, row.at);
}

function message(
  database: Sqlite.Database,
  sessionId: string,
  id: string,
  at: number,
  data: object,
  parts: readonly object[] = [],
): void {
  database
    .prepare('insert or replace into message values (?, ?, ?, ?, ?)')
    .run(id, sessionId, T + at, T + at, JSON.stringify(data));
  for (const [index, part] of parts.entries()) {
    const row = [
      `prt_${id}_${index}`,
      id,
      sessionId,
      T + at + 100 * (index + 1),
      T + at,
      JSON.stringify(part),
    ];
    database.prepare('insert or replace into part values (?, ?, ?, ?, ?, ?)').run(...row);
  }
}

function entry(
  database: Sqlite.Database,
  sessionId: string,
  seq: number,
  type: string,
  at: number,
  data: object,
): void {
  database
    .prepare('insert or replace into session_message values (?, ?, ?, ?, ?, ?, ?)')
    .run(`msg_${sessionId}_${seq}`, sessionId, type, seq, T + at, T + at, JSON.stringify(data));
}

const tokens = (input: number, output: number, reasoning = 0, read = 0, write = 0) => ({
  input,
  output,
  reasoning,
  cache: { read, write },
});

function firstGeneration() {
  const { path, database } = newDatabase();
  database.exec(FIRST);
  session(database, 'ses_a');
  message(database, 'ses_a', 'msg_1', 0, { role: 'user', time: { created: T } }, [
    { type: 'text', text: 'When is high tide?' },
    { type: 'text', text: 'injected', synthetic: true },
  ]);
  message(
    database,
    'ses_a',
    'msg_2',
    1000,
    {
      role: 'assistant',
      parentID: 'msg_1',
      modelID: 'claude-sonnet-4-5',
      providerID: 'anthropic',
      time: { created: T + 1000, completed: T + 9000 },
      finish: 'stop',
      cost: 0.03,
      tokens: tokens(5, 6),
    },
    [
      { type: 'step-start' },
      { type: 'reasoning', text: 'Ask the almanac.', time: { start: T + 1100, end: T + 1200 } },
      {
        type: 'tool',
        callID: 'call_1',
        tool: 'bash',
        state: {
          status: 'completed',
          input: { command: 'almanac --today' },
          output: '06:12',
          metadata: { exit: 3 },
          time: { start: T + 2000, end: T + 2500 },
        },
      },
      { type: 'step-finish', reason: 'tool-calls', cost: 0.02, tokens: tokens(100, 10, 4, 30, 7) },
      { type: 'step-start' },
      {
        type: 'tool',
        callID: 'call_2',
        tool: 'task',
        state: {
          status: 'completed',
          input: { description: 'look it up', subagent_type: 'general' },
          output: 'x',
          metadata: { sessionId: 'ses_b' },
          time: { start: T + 3000, end: T + 4000 },
        },
      },
      {
        type: 'tool',
        callID: 'call_3',
        tool: 'read',
        state: {
          status: 'error',
          input: { filePath: '/a' },
          error: 'ENOENT',
          time: { start: T + 3000, end: T + 3100 },
        },
      },
      {
        type: 'tool',
        callID: 'call_4',
        tool: 'edit',
        state: {
          status: 'error',
          input: { filePath: '/b' },
          error: 'The user rejected permission to use this specific tool call.',
          time: { start: T + 3000, end: T + 3100 },
        },
      },
      { type: 'text', text: 'At 06:12.', time: { start: T + 8000, end: T + 8500 } },
      { type: 'step-finish', reason: 'stop', cost: 0.01, tokens: tokens(5, 6) },
    ],
  );
  session(database, 'ses_b', { parent: 'ses_a', agent: 'general' });
  session(database, 'ses_c', { parent: 'ses_b', agent: 'explore' });
  message(database, 'ses_b', 'msg_b1', 3000, { role: 'user', time: { created: T + 3000 } }, [
    { type: 'text', text: 'look it up' },
  ]);
  message(database, 'ses_b', 'msg_b2', 3100, {
    role: 'assistant',
    parentID: 'msg_b1',
    modelID: 'm',
    time: { created: T + 3100 },
    error: { name: 'MessageAbortedError', data: { message: 'Aborted' } },
  });
  message(database, 'ses_c', 'msg_c1', 3500, { role: 'user', time: { created: T + 3500 } }, [
    { type: 'text', text: 'deeper' },
  ]);
  return { path, database };
}

test('a 1.x database: one call per step, totals with cache and reasoning, outcomes told apart', () => {
  const { path } = firstGeneration();
  const reading = readDatabase(opencode, path);
  expectWellFormed(reading.events);
  const operations = operationsOf(reading.events, 'ses_a');
  const main = operations.filter((operation) => operation.session === 'ses_a');
  expect(countsOf(main)).toEqual({
    prompts: 1,
    responses: 1,
    tools: 4,
    toolErrors: 1,
    input: 142,
    output: 20,
    cacheRead: 30,
    reasoning: 4,
  });
  const calls = ofKind(main, 'llm_call');
  expect(calls.map((call) => [call.finishReasons, call.cost?.usd, call.usage?.cacheWrite])).toEqual(
    [
      [['tool-calls'], 0.02, 7],
      [['stop'], 0.01, 0],
    ],
  );
  const outcomes = Object.fromEntries(
    ofKind(main, 'tool_call').map((tool) => [tool.callId, tool.outcome]),
  );
  expect(outcomes).toEqual({ call_1: 'ok', call_2: 'ok', call_3: 'error', call_4: 'denied' });
  expect(ofKind(main, 'tool_call')[0]).toMatchObject({
    exitCode: 3,
    startBasis: 'recorded',
    executable: 'almanac',
  });
  expect(textIn(reading.events, 'prompt')).toEqual(['When is high tide?', 'look it up', 'deeper']);
  expect(ofKind(main, 'turn')).toMatchObject([{ outcome: 'completed' }]);
});

test('child sessions are subagents in the trace of the outermost parent, under the call that started them', () => {
  const operations = operationsOf(readDatabase(opencode, firstGeneration().path).events, 'ses_a');
  const agents = ofKind(operations, 'subagent');
  expect(agents.map((agent) => [agent.agentId, agent.agentType, agent.rootSession])).toEqual([
    ['ses_b', 'general', 'ses_a'],
    ['ses_c', 'explore', 'ses_a'],
  ]);
  const task = ofKind(operations, 'tool_call').find((tool) => tool.name === 'task')!;
  expect(agents[0]!.parentId).toBe(task.id);
  const turn = ofKind(operations, 'turn').find((one) => one.session === 'ses_b')!;
  expect([turn.parentId, turn.outcome]).toEqual([agents[0]!.id, 'interrupted']);
});

test('a child whose parent was deleted is a session of its own', () => {
  const { path, database } = newDatabase();
  database.exec(FIRST);
  session(database, 'ses_kid', { parent: 'ses_gone' });
  session(database, 'ses_grandkid', { parent: 'ses_kid' });
  const starts = readDatabase(opencode, path).events.filter(({ kind }) => kind === 'session_start');
  expect(starts.map(({ session: id, rootSession }) => [id, rootSession])).toEqual([
    ['ses_grandkid', 'ses_kid'],
    ['ses_kid', undefined],
  ]);
  expect(starts[1]?.facts.parent_session).toBe('ses_gone');
});

test('an LLM call gives the answer as it was when the call ended, not as it began', async () => {
  const { path, database } = newDatabase();
  database.exec(FIRST);
  session(database, 'ses_1');
  const db = join(folder, 'answers.db');
  const answer = { role: 'assistant', modelID: 'm', time: { created: T } };
  message(database, 'ses_1', 'msg_1', 1, answer, [{ type: 'text', text: 'High' }]);
  await runCli(['import', path, '--db', db]);
  const done = { ...answer, finish: 'stop', time: { created: T, completed: T + 500 } };
  message(database, 'ses_1', 'msg_1', 500, done, [{ type: 'text', text: 'High at noon' }]);
  database.exec(`update session set time_updated = ${T + 500}`);
  await runCli(['import', path, '--db', db]);
  const shown = JSON.parse((await runCli(['show', '--json', '--db', db])).stdout);
  const [call] = shown.operations.filter(({ kind }: { kind: string }) => kind === 'llm_call');
  expect(call.outputMessages).toMatchObject([{ parts: [{ type: 'text', text: 'High at noon' }] }]);
});

test('a row that is rewritten is a further fact, and reading again adds nothing', () => {
  const { path, database } = newDatabase();
  database.exec(FIRST);
  session(database, 'ses_a');
  message(database, 'ses_a', 'msg_1', 0, { role: 'user', time: { created: T } }, [
    { type: 'text', text: 'hi' },
  ]);
  const running = {
    type: 'tool',
    callID: 'c',
    tool: 'bash',
    state: { status: 'running', input: { command: 'ls' }, time: { start: T + 20 } },
  };
  message(
    database,
    'ses_a',
    'msg_2',
    10,
    { role: 'assistant', parentID: 'msg_1', modelID: 'm', time: { created: T + 10 } },
    [running],
  );
  const first = readDatabase(opencode, path);
  expect(ofKind(operationsOf(first.events), 'tool_call')).toMatchObject([
    { outcome: 'unknown', unfinished: true },
  ]);
  expect(ofKind(operationsOf(first.events), 'llm_call')).toMatchObject([{ unfinished: true }]);
  const done = {
    ...running,
    state: {
      ...running.state,
      status: 'completed',
      output: 'a',
      time: { start: T + 20, end: T + 30 },
    },
  };
  message(
    database,
    'ses_a',
    'msg_2',
    10,
    {
      role: 'assistant',
      parentID: 'msg_1',
      modelID: 'm',
      time: { created: T + 10, completed: T + 50 },
      finish: 'stop',
      tokens: tokens(3, 2),
    },
    [done],
  );
  database.prepare("update message set time_updated = time_updated + 60 where id = 'msg_2'").run();
  const second = readDatabase(opencode, path, first.state);
  const operations = operationsOf([...first.events, ...second.events]);
  expect(ofKind(operations, 'tool_call')).toMatchObject([{ outcome: 'ok', unfinished: false }]);
  expect(ofKind(operations, 'llm_call')).toMatchObject([
    { unfinished: false, usage: { input: 3, output: 2 } },
  ]);
  const again = readDatabase(opencode, path, second.state);
  expect(stored([...first.events, ...second.events, ...again.events])).toHaveLength(
    stored([...first.events, ...second.events]).length,
  );
});

test('call ids that a provider repeats are told apart by their records', () => {
  const { path, database } = newDatabase();
  database.exec(FIRST);
  session(database, 'ses_a');
  const call = {
    type: 'tool',
    callID: 'call_0',
    tool: 'ls',
    state: { status: 'completed', input: {}, output: '', time: { start: T + 5, end: T + 6 } },
  };
  message(
    database,
    'ses_a',
    'm1',
    1,
    { role: 'assistant', time: { created: T + 1, completed: T + 9 } },
    [call],
  );
  message(
    database,
    'ses_a',
    'm2',
    2,
    { role: 'assistant', time: { created: T + 2, completed: T + 9 } },
    [call],
  );
  expect(countsOf(operationsOf(readDatabase(opencode, path).events))).toMatchObject({ tools: 2 });
});

function secondGeneration() {
  const { path, database } = newDatabase();
  database.exec(FIRST + SECOND);
  session(database, 'ses_old');
  message(database, 'ses_old', 'msg_o', 0, { role: 'user', time: { created: T } }, [
    { type: 'text', text: 'only in the old tables' },
  ]);
  session(database, 'ses_n');
  message(database, 'ses_n', 'msg_x', 0, { role: 'user', time: { created: T } }, [
    { type: 'text', text: 'frozen copy' },
  ]);
  session(database, 'ses_n', {}, 'session_v2');
  entry(database, 'ses_n', 1, 'user', 0, { text: 'When is low tide?', files: [], agents: [] });
  entry(database, 'ses_n', 2, 'system', 1, { text: 'secret instructions' });
  entry(database, 'ses_n', 3, 'assistant', 10, {
    agent: 'build',
    model: { id: 'gpt-5', providerID: 'openai' },
    time: { created: T + 10, streamed: T + 40, completed: T + 90 },
    finish: 'tool-calls',
    cost: 0.5,
    tokens: tokens(10, 5, 2, 3, 1),
    content: [
      { type: 'reasoning', text: 'Think.' },
      {
        type: 'tool',
        id: 'call_t',
        name: 'read',
        state: { status: 'error', input: { filePath: '/t' }, error: { message: 'nope' } },
        time: { created: T + 50, ran: T + 55, completed: T + 60 },
      },
      { type: 'text', text: 'Wait.' },
    ],
  });
  entry(database, 'ses_n', 4, 'shell', 100, {
    callID: 'sh1',
    command: 'tide --low',
    status: 'completed',
    exit: 1,
    output: 'x',
  });
  entry(database, 'ses_n', 5, 'compaction', 110, {
    status: 'completed',
    reason: 'auto',
    summary: 'short',
    tokens: tokens(7, 1),
    cost: 0,
  });
  entry(database, 'ses_n', 6, 'assistant', 120, {
    model: { id: 'gpt-5' },
    time: { created: T + 120 },
    error: { name: 'APIError', data: { statusCode: 529, message: 'overloaded' } },
    retry: { attempt: 2, error: { name: 'APIError' } },
    content: [],
  });
  entry(database, 'ses_n', 7, 'idle', 130, { outcome: 'failed' });
  entry(database, 'ses_n', 8, 'hologram', 140, { text: 'new' });
  return path;
}

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

test('a command and a subtask of the user are calls of tools, and of no model', () => {
  const { path, database } = newDatabase();
  database.exec(FIRST);
  session(database, 'ses_1');
  const none = { modelID: 'm', providerID: 'p', cost: 0, tokens: tokens(0, 0) };
  const call = (tool: string, input: object) => ({
    type: 'tool',
    callID: `c_${tool}`,
    tool,
    state: { status: 'completed', input, output: 'a', time: { start: T + 20, end: T + 80 } },
  });
  const user = { role: 'user', time: { created: T } };
  message(database, 'ses_1', 'msg_1', 0, user, [
    { type: 'text', text: 'The following tool was executed by the user', synthetic: true },
  ]);
  const shell = { role: 'assistant', parentID: 'msg_1', ...none };
  message(
    database,
    'ses_1',
    'msg_2',
    10,
    { ...shell, time: { created: T + 10, completed: T + 90 } },
    [call('bash', { command: 'ls' })],
  );
  message(database, 'ses_1', 'msg_3', 100, user, [
    { type: 'subtask', prompt: 'Count the buoys.', agent: 'explore', description: 'Count' },
  ]);
  const subtask = { role: 'assistant', parentID: 'msg_3', finish: 'tool-calls', ...none };
  const times = { created: T + 110, completed: T + 190 };
  message(database, 'ses_1', 'msg_4', 110, { ...subtask, time: times }, [
    call('task', { prompt: 'Count the buoys.', subagent_type: 'explore', command: 'count' }),
  ]);
  message(
    database,
    'ses_1',
    'msg_5',
    200,
    {
      ...shell,
      parentID: 'msg_3',
      finish: 'stop',
      tokens: tokens(9, 2),
      time: { created: T + 200 },
    },
    [{ type: 'step-start' }, { type: 'text', text: 'Seven.' }],
  );
  const operations = operationsOf(readDatabase(opencode, path).events);
  expect(countsOf(operations)).toMatchObject({ tools: 2, prompts: 1, responses: 1 });
  expect(ofKind(operations, 'tool_call').map(({ executable }) => executable)).toEqual([
    'ls',
    undefined,
  ]);
  expect(ofKind(operations, 'llm_call').map(({ usage }) => usage?.output)).toEqual([2]);
  expect(ofKind(operations, 'turn').map(({ outcome }) => outcome)).toEqual([
    'completed',
    'completed',
  ]);
});

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

test('a schema that is not understood is an error with a sentence, not an empty history', () => {
  const { path, database } = newDatabase();
  database.exec(
    'create table session (id text, begun integer, time_updated integer); create table message (id text)',
  );
  expect(() => readDatabase(opencode, path)).toThrow(AgentStraceError);
  const other = newDatabase();
  other.database.exec('create table novel_session (id text, time_updated integer)');
  expect(() => readDatabase(opencode, other.path)).toThrow(/no session table/);
});

test('odd values in rows: nothing throws', () => {
  const next = seeded(99);
  for (let round = 0; round < 40; round++) {
    const { path, database } = newDatabase();
    database.exec(FIRST + SECOND);
    session(database, 'ses_a');
    session(database, 'ses_b', {}, 'session_v2');
    const source = new Sqlite(round % 2 === 0 ? firstGenerationPath : secondGenerationPath, {
      readonly: true,
    });
    for (const row of source.prepare('select * from message').all() as {
      id: string;
      data: string;
    }[]) {
      const parts = source
        .prepare('select data from part where message_id = ?')
        .pluck()
        .all(row.id) as string[];
      const damaged = parts.map((part) => wrongTypes(JSON.parse(part), next) as object);
      message(
        database,
        'ses_a',
        row.id,
        0,
        wrongTypes(JSON.parse(row.data), next) as object,
        damaged,
      );
    }
    for (const [seq, row] of (
      source.prepare("select type, data from session_message where session_id = 'ses_n'").all() as {
        type: string;
        data: string;
      }[]
    ).entries()) {
      entry(database, 'ses_b', seq, row.type, 0, wrongTypes(JSON.parse(row.data), next) as object);
    }
    database.prepare("insert or replace into message values ('broken', 'ses_a', 1, 1, '{')").run();
    const reading = readDatabase(opencode, path);
    expectWellFormed(reading.events);
    expect(reading.shapes).toContain('message-without-json');
  }
});

const firstGenerationPath = (() => {
  const { path, database } = firstGeneration();
  database.exec(SECOND);
  return path;
})();
const secondGenerationPath = secondGeneration();
