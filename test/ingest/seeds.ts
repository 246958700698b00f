import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import Sqlite from 'better-sqlite3';
import { AGENTS } from '../../src/agents/registry.ts';
import { fixtureFolder } from '../support/fixture-sessions.ts';

/** A recording to be damaged: where it lies below a folder, and what is in it. */
export interface Seed {
  readonly agent: string;
  readonly path: string;
  readonly bytes: Buffer;
  readonly container: 'lines' | 'document' | 'database';
}

const T = 1_790_000_000_000;

function databaseBytes(fill: (database: Sqlite.Database) => void): Buffer {
  const database = new Sqlite(':memory:');
  fill(database);
  const bytes = database.serialize();
  database.close();
  return bytes;
}

const json = (value: unknown) => JSON.stringify(value);
const usage = { input: 100, output: 10, reasoning: 4, cache: { read: 30, write: 7 } };

export function openCodeFirst(): Buffer {
  return databaseBytes((database) => {
    database.exec(`
      create table session (id text primary key, parent_id text, directory text, title text, version text, agent text, time_created integer, time_updated integer);
      create table message (id text primary key, session_id text, time_created integer, time_updated integer, data text);
      create table part (id text primary key, message_id text, session_id text, time_created integer, time_updated integer, data text);
      insert into session values ('ses_a', null, '/home/ada/tides', 'Tides', '1.18.13', 'build', ${T}, ${T}), ('ses_b', 'ses_a', '/home/ada/tides', 'Child', '1.18.13', 'general', ${T + 2000}, ${T + 2000});`);
    const message = database.prepare('insert into message values (?, ?, ?, ?, ?)');
    const part = database.prepare('insert into part values (?, ?, ?, ?, ?, ?)');
    message.run('msg_1', 'ses_a', T, T, json({ role: 'user', time: { created: T } }));
    part.run('prt_1', 'msg_1', 'ses_a', T, T, json({ type: 'text', text: 'When is high tide?' }));
    const answer = {
      role: 'assistant',
      parentID: 'msg_1',
      modelID: 'm',
      providerID: 'p',
      time: { created: T + 1000, completed: T + 9000 },
      finish: 'stop',
      tokens: usage,
    };
    message.run('msg_2', 'ses_a', T + 1000, T + 1000, json(answer));
    const tool = {
      type: 'tool',
      callID: 'c1',
      tool: 'bash',
      state: {
        status: 'completed',
        input: { command: 'almanac' },
        output: '06:12',
        time: { start: T + 2000, end: T + 2500 },
      },
    };
    for (const [at, value] of [
      { type: 'step-start' },
      tool,
      { type: 'text', text: 'At six.' },
      { type: 'step-finish', reason: 'stop', cost: 0.02, tokens: usage },
    ].entries())
      part.run(`prt_2${at}`, 'msg_2', 'ses_a', T + 2000 + at, T, json(value));
    message.run('msg_3', 'ses_b', T + 2000, T, json({ role: 'user', time: { created: T + 2000 } }));
  });
}

export function openCodeSecond(): Buffer {
  return databaseBytes((database) => {
    database.exec(`
      create table session_v2 (id text primary key, parent_id text, fork_session_id text, directory text, title text, version text, agent text, time_created integer, time_updated integer);
      create table session_message (id text primary key, session_id text, type text, seq integer, time_created integer, time_updated integer, data text);
      insert into session_v2 values ('ses_n', null, null, '/home/ada/tides', 'Tides', '2.0.4', 'build', ${T}, ${T});`);
    const entry = database.prepare('insert into session_message values (?, ?, ?, ?, ?, ?, ?)');
    const tool = {
      type: 'tool',
      id: 'c1',
      name: 'read',
      state: { status: 'error', input: { filePath: '/t' }, error: { message: 'no' } },
      time: { created: T + 50, ran: T + 55, completed: T + 60 },
    };
    const entries: [string, object][] = [
      ['user', { text: 'When is low tide?', files: [], agents: [] }],
      [
        'assistant',
        {
          agent: 'build',
          model: { id: 'm', providerID: 'p' },
          time: { created: T + 10, completed: T + 90 },
          finish: 'stop',
          tokens: usage,
          content: [tool, { type: 'text', text: 'At noon.' }],
        },
      ],
      ['shell', { callID: 'sh1', command: 'tide', status: 'completed', exit: 1, output: 'x' }],
      ['idle', { outcome: 'succeeded' }],
    ];
    for (const [at, [type, data]] of entries.entries())
      entry.run(`e${at}`, 'ses_n', type, at + 1, T + at * 10, T + at * 10, json(data));
  });
}

export function gooseDatabase(): Buffer {
  return databaseBytes((database) => {
    database.exec(`
      CREATE TABLE sessions (id TEXT PRIMARY KEY, name TEXT, session_type TEXT, working_dir TEXT NOT NULL, created_at TEXT, updated_at TEXT, provider_name TEXT, model_config_json TEXT, parent_session_id TEXT);
      CREATE TABLE messages (id INTEGER PRIMARY KEY AUTOINCREMENT, message_id TEXT, session_id TEXT, role TEXT, content_json TEXT, created_timestamp INTEGER, metadata_json TEXT);
      CREATE TABLE usage_ledger (id INTEGER PRIMARY KEY AUTOINCREMENT, session_id TEXT, created_timestamp INTEGER, model TEXT, input_tokens INTEGER, output_tokens INTEGER, total_tokens INTEGER, cache_read_tokens INTEGER, cache_write_tokens INTEGER, cost REAL, cost_source TEXT, is_compaction INTEGER DEFAULT 0);
      INSERT INTO sessions VALUES ('g1', 'Feed the geese', 'user', '/home/ada/pond', '2026-09-21 13:33:20', '2026-09-21 13:40:00', 'p', '{"model_name":"m"}', null);
      INSERT INTO usage_ledger (session_id, created_timestamp, model, input_tokens, output_tokens, total_tokens) VALUES ('g1', 1790000005, 'm', 100, 10, 110);`);
    const message = database.prepare(
      "insert into messages (message_id, session_id, role, content_json, created_timestamp, metadata_json) values (?, 'g1', ?, ?, ?, '{}')",
    );
    const text = (value: string) => ({ type: 'text', text: value });
    const request = {
      type: 'toolRequest',
      id: 'r1',
      toolCall: { status: 'success', value: { name: 'shell', arguments: { command: 'ls' } } },
    };
    const response = {
      type: 'toolResponse',
      id: 'r1',
      toolResult: { status: 'success', value: { content: [text('3')], isError: false } },
    };
    const rows: [string, object[]][] = [
      ['user', [text('Feed.')]],
      ['assistant', [request]],
      ['user', [response]],
      ['assistant', [text('Fed.')]],
    ];
    for (const [at, [role, content]] of rows.entries())
      message.run(`m${at}`, role, json(content), 1_790_000_000 + at * 2);
  });
}

/** A Zstandard frame that stores its content uncompressed, in blocks of at most 100 KiB. */
export function storedZstd(content: Buffer): Buffer {
  const parts: Buffer[] = [Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x58])];
  for (let at = 0; at === 0 || at < content.length; at += 100 * 1024) {
    const block = content.subarray(at, at + 100 * 1024);
    const header = Buffer.alloc(3);
    header.writeUIntLE((block.length << 3) | (at + block.length >= content.length ? 1 : 0), 0, 3);
    parts.push(header, block);
  }
  return Buffer.concat(parts);
}

const GEMINI_DOCUMENT = {
  sessionId: '0f0e0d0c-0000-4000-8000-00000000abcd',
  projectHash: 'ab12',
  startTime: '2026-05-01T08:00:00.000Z',
  lastUpdated: '2026-05-01T08:05:00.000Z',
  messages: [
    { id: 'm1', timestamp: '2026-05-01T08:00:01.000Z', type: 'user', content: 'Count the boats' },
    {
      id: 'm2',
      timestamp: '2026-05-01T08:00:04.000Z',
      type: 'gemini',
      content: 'Three.',
      model: 'gemini-2.5-pro',
      tokens: { input: 10, output: 2, cached: 0, thoughts: 1, tool: 0, total: 13 },
      toolCalls: [
        {
          id: 't1',
          name: 'list',
          args: {},
          status: 'success',
          timestamp: '2026-05-01T08:00:03.000Z',
          result: [],
        },
      ],
    },
  ],
};

const of = { sessionID: 'ses_r', messageID: 'msg_r' };
const OPENCODE_RUN = [
  { type: 'step_start', part: { id: 'prt_1', ...of, type: 'step-start' } },
  {
    type: 'tool_use',
    part: {
      ...{ id: 'prt_2', ...of, type: 'tool', callID: 'c1', tool: 'bash' },
      state: { status: 'completed', input: { command: 'ls' }, output: '3', metadata: { exit: 0 } },
    },
  },
  { type: 'text', part: { id: 'prt_3', ...of, type: 'text', text: 'Three.', time: { end: T } } },
  {
    type: 'step_finish',
    part: { id: 'prt_4', ...of, type: 'step-finish', reason: 'stop', cost: 0.1, tokens: usage },
  },
  { type: 'error', error: { name: 'APIError', data: { message: 'Overloaded' } } },
].map((line, at) => ({ timestamp: T + at, sessionID: 'ses_r', ...line }));

const CODEX_PAGINATED = [
  {
    timestamp: '2026-09-20T08:00:00.000Z',
    ordinal: 0,
    type: 'session_meta',
    payload: {
      id: '0199f000-0000-7000-8000-00000000beef',
      session_id: '0199f000-0000-7000-8000-00000000beef',
      timestamp: '2026-09-20T08:00:00.000Z',
      cwd: '/home/ada/boats',
      cli_version: '0.155.0',
      source: 'cli',
      history_mode: 'paginated',
    },
  },
  {
    timestamp: '2026-09-20T08:00:01.000Z',
    ordinal: 1,
    type: 'event_msg',
    payload: { type: 'task_started', turn_id: 'turn-1', started_at: 1_790_000_000 },
  },
  {
    timestamp: '2026-09-20T08:00:01.000Z',
    ordinal: 2,
    type: 'event_msg',
    payload: {
      type: 'item_completed',
      turn_id: 'turn-1',
      item: { type: 'UserMessage', id: 'i1', content: [{ type: 'text', text: 'Count the boats' }] },
    },
  },
  {
    timestamp: '2026-09-20T08:00:03.000Z',
    ordinal: 3,
    type: 'event_msg',
    payload: {
      type: 'item_completed',
      turn_id: 'turn-1',
      started_at_ms: T,
      completed_at_ms: T + 900,
      item: {
        type: 'CommandExecution',
        id: 'i2',
        command: ['ls'],
        cwd: '/home/ada',
        status: 'completed',
        exit_code: 0,
        aggregated_output: '3',
      },
    },
  },
  {
    timestamp: '2026-09-20T08:00:04.000Z',
    ordinal: 4,
    type: 'token_usage_record',
    payload: {
      turn_id: 'turn-1',
      response_id: 'r1',
      usage: {
        input_tokens: 50,
        cached_input_tokens: 20,
        output_tokens: 9,
        reasoning_output_tokens: 3,
        total_tokens: 59,
      },
    },
  },
  {
    timestamp: '2026-09-20T08:00:05.000Z',
    ordinal: 5,
    type: 'event_msg',
    payload: { type: 'task_complete', turn_id: 'turn-1', duration_ms: 4000 },
  },
];

function fixtureSeeds(): Seed[] {
  return AGENTS.flatMap(({ name }) => {
    const folder = fixtureFolder(name);
    const files = readdirSync(folder, { recursive: true, withFileTypes: true });
    return files
      .filter((file) => file.isFile() && /\.(jsonl|ndjson)$|export\.json$/.test(file.name))
      .map((file): Seed => {
        const path = join(file.parentPath, file.name);
        const container = file.name.endsWith('.json') ? 'document' : 'lines';
        return { agent: name, path: relative(folder, path), bytes: readFileSync(path), container };
      });
  });
}

/** One recording for every agent, container and generation of a format. */
export function allSeeds(): Seed[] {
  const paginated = Buffer.from(`${CODEX_PAGINATED.map(json).join('\n')}\n`);
  const rollout = 'rollout-2026-09-20T08-00-00-0199f000-0000-7000-8000-00000000beef.jsonl';
  const message = { id: 'msg_1', sessionID: 'ses_t', role: 'user', time: { created: T } };
  return [
    ...fixtureSeeds(),
    { agent: 'codex', path: rollout, bytes: paginated, container: 'lines' },
    { agent: 'codex', path: `${rollout}.zst`, bytes: storedZstd(paginated), container: 'lines' },
    {
      agent: 'gemini',
      path: 'session-2026-05-01T08-00-0f0e0d0c.json',
      bytes: Buffer.from(JSON.stringify(GEMINI_DOCUMENT, null, 2)),
      container: 'document',
    },
    {
      agent: 'gemini',
      path: 'session-2026-05-01T08-01-0f0e0d0c.json',
      bytes: Buffer.from(json(GEMINI_DOCUMENT)),
      container: 'document',
    },
    {
      agent: 'opencode',
      path: 'run.jsonl',
      bytes: Buffer.from(OPENCODE_RUN.map((line) => `${json(line)}\n`).join('')),
      container: 'lines',
    },
    {
      agent: 'opencode',
      path: 'storage/message/ses_t/msg_1.json',
      bytes: Buffer.from(json(message)),
      container: 'document',
    },
    { agent: 'opencode', path: 'opencode.db', bytes: openCodeFirst(), container: 'database' },
    { agent: 'opencode', path: 'opencode-next.db', bytes: openCodeSecond(), container: 'database' },
    {
      agent: 'goose',
      path: 'goose/sessions/sessions.db',
      bytes: gooseDatabase(),
      container: 'database',
    },
  ];
}
