import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { gemini } from '../../../src/agents/gemini/gemini.ts';
import { seeded } from '../../support/seeded.ts';
import { expectWellFormed, readDamaged } from '../expectations.ts';
import { mutants, wrongTypes } from '../mutations.ts';
import {
  countsOf,
  jsonl,
  ofKind,
  operationsOf,
  readText,
  stored,
  textIn,
  titlesOf,
} from '../reading.ts';

const NAME = 'session-2026-05-01T08-00-0a0b0c0d.jsonl';
const LOG = readFileSync(new URL(`../../fixtures/gemini/${NAME}`, import.meta.url), 'utf8');
const PATH = `/home/ada/.gemini/tmp/kites/chats/${NAME}`;
const SESSION = '0a0b0c0d-1111-4222-8333-444455556666';

const read = (text: string, path = PATH, sidecars: Record<string, string> = {}) =>
  readText(gemini, text, { path, sidecars });

test('a message that is written again counts once, with its last content', () => {
  const reading = read(LOG);
  expectWellFormed(reading.events);
  expect(reading.shapes).toEqual([]);
  const operations = operationsOf(reading.events);
  expect(countsOf(operations)).toEqual({
    prompts: 2,
    responses: 2,
    tools: 3,
    toolErrors: 1,
    input: 3500,
    output: 42,
    cacheRead: 2800,
    reasoning: 15,
  });
  expect(textIn(stored(reading.events), 'prompt')).toEqual([
    'Which kite flies in a storm?',
    'And in calm?',
  ]);
  expect(textIn(stored(reading.events), 'llm_response', 'reasoning')).toEqual([
    'Weather\nStorms are windy.',
  ]);
  const calls = ofKind(operations, 'llm_call');
  expect(calls[0]).toMatchObject({ responseModel: 'gemini-2.5-pro', startBasis: 'inferred' });
  expect(calls[0]!.messageRefs.outputs.map((part) => part.type)).toEqual([
    'reasoning',
    'tool_call',
    'tool_call',
    'tool_call',
  ]);
  expect(calls[1]!.messageRefs.inputs.map((part) => part.role)).toEqual(['tool', 'tool', 'tool']);
});

test('a log that goes on after a document has the last word on its messages', () => {
  const answer = { id: 'g', timestamp: '2026-05-01T08:00:05.000Z', type: 'gemini' };
  const session = { sessionId: SESSION, startTime: '2026-05-01T08:00:00.000Z' };
  const document = read(
    JSON.stringify({
      ...session,
      lastUpdated: '2026-05-01T09:00:00.000Z',
      messages: [{ ...answer, content: 'Red' }],
    }),
    PATH.replace('.jsonl', '.json'),
  );
  const log = read(jsonl([session, { ...answer, content: 'Red and blue', model: 'gemini-3-pro' }]));
  for (const events of [
    [...document.events, ...log.events],
    [...log.events, ...document.events],
  ]) {
    const operations = operationsOf(stored(events));
    expect(ofKind(operations, 'llm_call')).toMatchObject([{ responseModel: 'gemini-3-pro' }]);
    expect(ofKind(operations, 'response')).toMatchObject([{ contents: [{ size: 12 }] }]);
  }
});

test('calls: outcome by status, start by the time in the id, exit code, server', () => {
  const tools = ofKind(operationsOf(read(LOG).events), 'tool_call');
  expect(tools.map((tool) => [tool.name, tool.outcome, tool.endMicros - tool.startMicros])).toEqual(
    [
      ['read_file', 'ok', 500_000],
      ['run_shell_command', 'error', 400_000],
      ['kites__buy', 'denied', 300_000],
    ],
  );
  expect(tools[0]).toMatchObject({
    startBasis: 'inferred',
    files: [{ action: 'read', path: 'kites.txt' }],
  });
  expect(tools[1]).toMatchObject({ exitCode: 127, executable: 'wind' });
  expect(tools[2]).toMatchObject({ toolType: 'mcp', mcpServer: 'kites', mcpTool: 'buy' });
});

test('warnings and a step back are notices; what was taken back stays', () => {
  const notices = ofKind(operationsOf(read(LOG).events), 'notice');
  expect(notices.map((notice) => [notice.name, notice.level])).toEqual([
    ['gemini_warning', 'warning'],
    ['rewind', 'info'],
  ]);
});

test('the session knows its folder and its title', () => {
  const byDirectories = read(LOG).events;
  expect(byDirectories[0]).toMatchObject({
    kind: 'session_start',
    session: SESSION,
    facts: { agent: 'gemini-cli', cwd: '/home/ada/kites' },
  });
  expect(byDirectories.find((draft) => draft.kind === 'session_info')?.facts).toMatchObject({
    title: 'Kites in storms',
  });
  const registry = {
    '/home/ada/.gemini/projects.json': '{"projects":{"/srv/boats":"boats","/srv/kites":"kites"}}',
  };
  expect(read(LOG, PATH, registry).events[0]!.facts.cwd).toBe('/srv/kites');
  const own = { ...registry, '/home/ada/.gemini/tmp/kites/.project_root': '/mnt/kites\n' };
  expect(read(LOG, PATH, own).events[0]!.facts.cwd).toBe('/mnt/kites');
});

test('of the titles that a log gives one after the other the last holds, even one that comes back', () => {
  const titled = (summary: string) => ({ $set: { summary } });
  const names = ['One', 'Two', 'Three', 'Two', 'One'];
  const prompt = message('u', 1, { type: 'user', content: 'hi' });
  const log = jsonl([META, prompt, ...names.map(titled)]);
  const { events } = readText(gemini, log, { path: PATH, breaks: [4] });
  expect(titlesOf(events)).toEqual(names);
});

const message = (id: string, second: number, more: object) => ({
  id,
  timestamp: `2026-05-01T08:01:${String(second).padStart(2, '0')}.000Z`,
  ...more,
});
const META = { sessionId: 's', projectHash: 'p', startTime: '2026-05-01T08:01:00.000Z' };

test('a snapshot replaces the list: known messages stay what they are, a summary is a compaction', () => {
  const user = message('u', 1, { type: 'user', content: 'hello' });
  const answer = message('g', 2, {
    type: 'gemini',
    content: 'hi',
    tokens: { input: 10, output: 1 },
  });
  const summary = message('c', 3, {
    type: 'user',
    content: '<state_snapshot>short</state_snapshot>',
  });
  const operations = operationsOf(
    read(jsonl([META, user, answer, { $set: { messages: [summary, answer] } }])).events,
  );
  expect(countsOf(operations)).toMatchObject({ prompts: 1, responses: 1, input: 10 });
  expect(ofKind(operations, 'compaction')).toHaveLength(1);
  const only = operationsOf(read(jsonl([META, { $set: { messages: [user, answer] } }])).events);
  expect(countsOf(only)).toMatchObject({ prompts: 1, responses: 1, input: 10 });
});

test('a subagent’s file belongs to its parent’s trace, and the parent’s call links it', () => {
  const child = read(
    jsonl([
      { ...META, sessionId: 'kid', kind: 'subagent' },
      message('u', 1, { type: 'user', content: 'go' }),
    ]),
    '/g/tmp/p/chats/s/kid.jsonl',
  );
  expect(child.detection.subagent).toBe(true);
  const call = { id: 'task-1', name: 'task', status: 'success', agentId: 'kid' };
  const parent = read(
    jsonl([META, message('g', 1, { type: 'gemini', content: '', toolCalls: [call] })]),
    '/g/tmp/p/chats/s.jsonl',
    { '/g/tmp/p/chats/s/kid.jsonl': '{}' },
  );
  const operations = operationsOf([...parent.events, ...child.events], 's');
  const [agent] = ofKind(operations, 'subagent');
  expect(agent).toMatchObject({ agentId: 'kid', parentId: ofKind(operations, 'tool_call')[0]!.id });
  expect(ofKind(operations, 'turn').find((turn) => turn.session === 'kid')!.parentId).toBe(
    agent!.id,
  );
});

test('one document, pretty-printed, whatever the ending of its name', () => {
  const messages = LOG.split('\n')
    .filter((line) => line.includes('"id"'))
    .map((line) => JSON.parse(line) as object);
  const { detection, events } = read(
    JSON.stringify({ ...META, messages }, null, 2),
    '/x/renamed.jsonl',
  );
  expect(detection).toMatchObject({ container: 'document', session: 's' });
  expect(countsOf(operationsOf(events))).toMatchObject({ prompts: 2, tools: 3, input: 3500 });
});

test('a document that grew states only what is new', () => {
  const user = message('u', 1, { type: 'user', content: 'hello' });
  const answer = message('g', 2, {
    type: 'gemini',
    content: 'hi',
    tokens: { input: 10, output: 1 },
  });
  const before = read(JSON.stringify({ ...META, messages: [user] }), '/x/s.json').events;
  const after = read(
    JSON.stringify({ ...META, lastUpdated: '2026-05-01T08:02:00.000Z', messages: [user, answer] }),
    '/x/s.json',
  ).events;
  const operations = operationsOf([...before, ...after]);
  expect(countsOf(operations)).toMatchObject({ prompts: 1, responses: 1, input: 10 });
  expect(stored([...before, ...after]).length).toBe(stored(after).length);
});

test('unknown messages are kept; credential files, logs and checkpoints are not ours', () => {
  expect(read(jsonl([META, message('x', 1, { type: 'hologram' })])).shapes).toEqual([
    'message/hologram',
  ]);
  for (const name of [
    'oauth_creds.json',
    'google_accounts.json',
    'settings.json',
    'logs.json',
    'checkpoint-a.json',
  ]) {
    expect(gemini.wants(`/home/ada/.gemini/${name}`), name).toBe(false);
  }
  expect(
    gemini.detect({
      path: '/x.jsonl',
      size: 60,
      head: Buffer.from('{"type":"user","sessionId":"a","uuid":"b","message":{}}'),
    }),
  ).toBeNull();
});

test('a document with a message of a type that nobody knows is read; that message is kept', () => {
  const known = message('g', 1, { type: 'gemini', content: 'hi' });
  const document = { ...META, messages: [known, message('x', 2, { type: 'hologram' })] };
  const { detection, shapes, events } = read(
    JSON.stringify(document, null, 2),
    '/x/session-1.json',
  );
  expect(detection).toMatchObject({ container: 'document', session: 's' });
  expect(shapes).toEqual(['message/hologram']);
  expect(countsOf(operationsOf(events))).toMatchObject({ responses: 1 });
});

test('another agent’s document that also names its session and its start is not ours', () => {
  const { projectHash, ...named } = META;
  const entries = Array.from({ length: 5000 }, (_, at) => ({ type: 'user', text: `Kite ${at}` }));
  for (const size of [1, 5000]) {
    const foreign = {
      ...named,
      chatMessages: [{ role: 'user' }],
      timeline: entries.slice(0, size),
    };
    for (const text of [JSON.stringify(foreign), JSON.stringify(foreign, null, 2)]) {
      const bytes = Buffer.from(text.padEnd(size === 1 ? 0 : 300_000));
      const head = bytes.subarray(0, 256 * 1024);
      expect(gemini.detect({ path: '/x/s.json', size: bytes.length, head })).toBeNull();
    }
  }
  const lists = { directories: ['/home/ada/kites'], chatMessages: [] };
  const { detection } = read(jsonl([{ projectHash, ...named, ...lists }]), '/x/s.jsonl');
  expect(detection).toMatchObject({ container: 'lines', session: 's' });
});

test('reading in two parts equals reading in one, wherever it is cut', () => {
  const whole = operationsOf(read(LOG).events);
  for (let cut = 1; cut < 10; cut++)
    expect(operationsOf(readText(gemini, LOG, { path: PATH, breaks: [cut] }).events)).toEqual(
      whole,
    );
});

test('damaged logs and documents: nothing throws', () => {
  let readable = 0;
  for (const mutant of mutants(LOG, 200, 3))
    if (readDamaged(gemini, mutant, PATH) !== null) readable++;
  expect(readable).toBeGreaterThan(100);
  const next = seeded(4);
  const messages = LOG.split('\n')
    .filter((line) => line.includes('"id"'))
    .map((line) => JSON.parse(line) as object);
  for (let round = 0; round < 100; round++) {
    const damaged = wrongTypes(wrongTypes({ ...META, messages }, next), next);
    readDamaged(gemini, Buffer.from(JSON.stringify(damaged) ?? ''), '/x/s.json');
  }
});

const samples = process.env.AGENT_STRACE_SAMPLES;

interface Message {
  id: string;
  type: string;
  tokens?: { input: number; output: number; thoughts: number; cached: number };
  toolCalls?: { status?: string }[];
}

describe.skipIf(samples === undefined)('published recordings (AGENT_STRACE_SAMPLES)', () => {
  const folder = join(samples ?? '', 'gemini');
  test.each(samples === undefined ? [] : readdirSync(folder))(
    '%s agrees with a naive counter',
    (name) => {
      const text = readFileSync(join(folder, name), 'utf8');
      const reading = read(text, join(folder, name));
      expectWellFormed(reading.events);
      expect(reading.shapes).toEqual([]);
      const lines = name.endsWith('.jsonl')
        ? text
            .split('\n')
            .filter(Boolean)
            .map((row) => JSON.parse(row) as Message)
        : (JSON.parse(text) as { messages: Message[] }).messages;
      const last = [
        ...new Map(
          lines.filter((line) => line.id !== undefined).map((line) => [line.id, line]),
        ).values(),
      ];
      const calls = last.flatMap((line) => line.toolCalls ?? []);
      const sum = (pick: (tokens: NonNullable<Message['tokens']>) => number) =>
        last.reduce(
          (total, line) => total + (line.tokens === undefined ? 0 : pick(line.tokens)),
          0,
        );
      expect(countsOf(operationsOf(reading.events))).toMatchObject({
        prompts: last.filter((line) => line.type === 'user').length,
        tools: calls.length,
        toolErrors: calls.filter((call) => call.status === 'error').length,
        input: sum((tokens) => tokens.input),
        output: sum((tokens) => tokens.output + tokens.thoughts),
        cacheRead: sum((tokens) => tokens.cached),
        reasoning: sum((tokens) => tokens.thoughts),
      });
    },
  );
});

test('runs in the sandbox of macOS are looked for', () => {
  const at = (platform: NodeJS.Platform, env = {}) => gemini.places({ home: '/h', platform, env });
  expect(at('darwin')).toEqual(['/h/.gemini/tmp', '/h/.cache/.gemini/tmp']);
  expect(at('darwin', { GEMINI_CLI_HOME: '/g' })).toContain('/g/.cache/.gemini/tmp');
  expect(at('linux')).toEqual(['/h/.gemini/tmp']);
});
