import { chmodSync, copyFileSync, cpSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { runCli } from './support/cli.ts';
import { temporaryFolder } from './support/temporary-store.ts';

const SAMPLES = process.env['AGENT_STRACE_SAMPLES'];
const available = SAMPLES !== undefined && existsSync(SAMPLES);

interface Figures {
  sessions: number;
  prompts: number;
  toolCalls: number;
  errors: number;
  input: number;
  output: number;
}

// biome-ignore lint/suspicious/noExplicitAny: foreign JSON, counted by hand
type Json = any;

function filesOf(folder: string, ending: string): string[] {
  return (readdirSync(folder, { recursive: true }) as string[])
    .filter((name) => name.endsWith(ending))
    .map((name) => join(folder, name));
}

function parsed(text: string): Json[] {
  try {
    return [JSON.parse(text)];
  } catch {
    return [];
  }
}

const linesOf = (path: string): Json[] => readFileSync(path, 'utf8').split('\n').flatMap(parsed);
const total = (numbers: readonly (number | undefined)[]) =>
  numbers.reduce<number>((sum, number) => sum + (number ?? 0), 0);

/** Every object of every line. Two glued into one line are taken apart; a text may hold `}{`, so the whole line is tried, too. */
function objectsOf(path: string): Json[] {
  return readFileSync(path, 'utf8')
    .split('\n')
    .flatMap((line) => {
      const parts = line.replaceAll('}{', '}\n{').split('\n');
      return parts.length === 1 ? parts : [...parts, line];
    })
    .flatMap(parsed)
    .filter((object) => typeof object === 'object' && object !== null);
}

/** One call per tool id, one response per message id with each counter's maximum. */
function claude(folder: string): Partial<Figures> {
  const tools = new Set<string>();
  const denied = new Set<string>();
  const failed = new Set<string>();
  const usage = new Map<string, { input: number; output: number }>();
  for (const file of readdirSync(folder)) {
    for (const object of objectsOf(join(folder, file))) {
      const { message } = object;
      if (typeof message !== 'object' || message === null) continue;
      const blocks = Array.isArray(message.content) ? message.content : [];
      for (const block of blocks) {
        if (block?.type === 'tool_use') tools.add(block.id);
        if (block?.type !== 'tool_result') continue;
        const text = JSON.stringify(block.content ?? '');
        if (/doesn't want to (proceed|take)|haven't granted it yet/.test(text))
          denied.add(block.tool_use_id);
        else if (block.is_error === true && !/interrupted by user/i.test(text))
          failed.add(block.tool_use_id);
      }
      if (
        message.role !== 'assistant' ||
        message.usage === undefined ||
        message.model === '<synthetic>'
      )
        continue;
      const key = `${message.id ?? object.uuid}/${object.requestId ?? ''}`;
      const before = usage.get(key) ?? { input: 0, output: 0 };
      const input =
        (message.usage.input_tokens ?? 0) +
        (message.usage.cache_read_input_tokens ?? 0) +
        (message.usage.cache_creation_input_tokens ?? 0);
      usage.set(key, {
        input: Math.max(before.input, input),
        output: Math.max(before.output, message.usage.output_tokens ?? 0),
      });
    }
  }
  const sum = (of: 'input' | 'output') =>
    [...usage.values()].reduce((total, tokens) => total + tokens[of], 0);
  return {
    toolCalls: [...tools].filter((id) => !denied.has(id)).length,
    errors: [...failed].filter((id) => !denied.has(id) && tools.has(id)).length,
    input: sum('input'),
    output: sum('output'),
  };
}

/** The last state of the counter; a prompt is what was typed or, in old files, what was sent and is no scaffold. */
function codex(folder: string): Figures {
  const files = readdirSync(folder).map((name) => linesOf(join(folder, name)));
  const payloads = (lines: Json[], type: string) =>
    lines.filter((line) => line.type === type).map(({ payload }) => payload);
  const prompts = files.map((lines) => {
    const typed = payloads(lines, 'event_msg').filter(({ type }) => type === 'user_message').length;
    const sent = payloads(lines, 'response_item').filter(
      ({ role, content }) =>
        role === 'user' && content.some((part: Json) => !/^(<|# AGENTS)/.test(part.text ?? '')),
    ).length;
    return typed > 0 ? typed : sent;
  });
  const calls = files.map(
    (lines) =>
      payloads(lines, 'response_item').filter(({ type }) => /_call$/.test(type ?? '')).length,
  );
  const counters = files.map((lines) =>
    payloads(lines, 'event_msg')
      .flatMap(({ info }) => info?.total_token_usage ?? [])
      .at(-1),
  );
  const exits = files.flatMap((lines) =>
    payloads(lines, 'response_item').filter(({ type }) => type === 'function_call_output'),
  );
  return {
    sessions: files.length,
    prompts: total(prompts),
    toolCalls: total(calls),
    errors: exits.filter(({ output }) =>
      /exit(?:ed with)? code:? [1-9]/i.test(JSON.stringify(output)),
    ).length,
    input: total(counters.map((counter) => counter?.input_tokens)),
    output: total(counters.map((counter) => counter?.output_tokens)),
  };
}

function copilot(folder: string): Figures {
  const files = readdirSync(folder).map((name) => linesOf(join(folder, name)));
  const of = (type: string) =>
    files
      .flat()
      .filter((event) => event.type === type)
      .map(({ data }) => data);
  const usages = of('session.shutdown').flatMap(
    ({ modelMetrics }) => Object.values(modelMetrics ?? {}) as Json[],
  );
  return {
    sessions: files.length,
    prompts: of('user.message').length,
    toolCalls: new Set(of('tool.execution_start').map(({ toolCallId }) => toolCallId)).size,
    errors: of('tool.execution_complete').filter(({ success }) => success === false).length,
    input: total(usages.map(({ usage }) => usage.inputTokens)),
    output: total(usages.map(({ usage }) => usage.outputTokens)),
  };
}

function gemini(folder: string): Figures {
  const files = readdirSync(folder).map((name) => join(folder, name));
  const messages = files.flatMap(
    (path) => parsed(readFileSync(path, 'utf8'))[0]?.messages ?? linesOf(path),
  );
  const tools = messages.flatMap(({ toolCalls }) => toolCalls ?? []);
  return {
    sessions: files.length,
    prompts: messages.filter(({ type }) => type === 'user').length,
    toolCalls: tools.length,
    errors: tools.filter(({ status }) => status === 'error').length,
    input: total(messages.map(({ tokens }) => tokens?.input)),
    output: total(messages.map(({ tokens }) => (tokens?.output ?? 0) + (tokens?.thoughts ?? 0))),
  };
}

function rowsOf(path: string, sql: string): Json[] {
  const copy = join(temporaryFolder(), basename(path));
  copyFileSync(path, copy);
  const database = new Sqlite(copy, { readonly: true });
  const rows = database.prepare(sql).all();
  database.close();
  return rows;
}

function goose(folder: string): Figures {
  const path = filesOf(folder, '.db')[0]!;
  const messages = rowsOf(path, 'SELECT role, content_json, metadata_json FROM messages');
  const parts = (row: Json) => JSON.parse(row.content_json) as Json[];
  const all = messages.flatMap(parts);
  const results = all
    .filter(({ type }) => type === 'toolResponse')
    .map(({ toolResult }) => toolResult);
  const ledger = rowsOf(path, 'SELECT input_tokens, output_tokens FROM usage_ledger');
  return {
    sessions: rowsOf(path, 'SELECT id FROM sessions WHERE parent_session_id IS NULL').length,
    prompts: messages.filter(
      (row) => row.role === 'user' && parts(row).some(({ type }) => type === 'text'),
    ).length,
    toolCalls: all.filter(({ type }) => type === 'toolRequest').length,
    errors: results.filter(({ status, value }) => status === 'error' || value?.isError === true)
      .length,
    input: total(ledger.map(({ input_tokens }) => input_tokens)),
    output: total(ledger.map(({ output_tokens }) => output_tokens)),
  };
}

/** The database, the exported conversations, the single message and the tree of documents, one like the other. */
function opencode(folder: string): Figures {
  const databases = filesOf(folder, '.db');
  const documents = filesOf(folder, '.json').flatMap((path) =>
    parsed(readFileSync(path, 'utf8')).map((value) => ({ path, value })),
  );
  const inTree = (kind: string) =>
    documents.filter(({ path }) => path.includes(`/storage/${kind}/`)).map(({ value }) => value);
  const exported = documents
    .filter(({ value }) => Array.isArray(value.messages))
    .map(({ value }) => value);
  const single = documents
    .filter(({ path, value }) => !path.includes('/storage/') && value.role !== undefined)
    .map(({ value }) => value);
  const stored = (table: string) =>
    databases.flatMap((path) =>
      rowsOf(path, `SELECT data FROM ${table}`).map(({ data }) => JSON.parse(data)),
    );
  const entries = exported.flatMap(({ messages }) => messages);
  const messages = [
    ...stored('message'),
    ...inTree('message'),
    ...single,
    ...entries.map(({ info }: Json) => info),
  ];
  const parts = [
    ...stored('part'),
    ...inTree('part'),
    ...entries.flatMap((entry: Json) => entry.parts),
    ...messages.flatMap(({ content }) => (Array.isArray(content) ? content : [])),
  ];
  const tools = parts.filter(({ type }) => type === 'tool');
  const roots = databases.flatMap((path) =>
    rowsOf(path, 'SELECT id FROM session WHERE parent_id IS NULL'),
  );
  return {
    sessions:
      roots.length +
      inTree('session').filter(({ parentID }) => parentID === undefined).length +
      exported.length +
      single.length,
    prompts: messages.filter(({ role, type }) => (role ?? type) === 'user').length,
    toolCalls: tools.length + messages.filter(({ type }) => type === 'shell').length,
    errors: tools.filter(({ state }) => state?.status === 'error').length,
    input: total(
      messages.map(({ tokens }) =>
        tokens === undefined ? 0 : tokens.input + tokens.cache.read + tokens.cache.write,
      ),
    ),
    output: total(
      messages.map(({ tokens }) => (tokens === undefined ? 0 : tokens.output + tokens.reasoning)),
    ),
  };
}

/** Tokens and failures were never in what the older program imported. */
function agentTrace(folder: string): Figures {
  const files = filesOf(folder, 'events.ndjson').map(linesOf);
  const of = (type: string) => files.flat().filter(({ event_type }) => event_type === type).length;
  const interrupts = files
    .flat()
    .filter(({ data }) => data?.prompt?.startsWith('[Request interrupted by user')).length;
  return {
    sessions: files.length,
    prompts: of('user_prompt') - interrupts,
    toolCalls: of('tool_call'),
    errors: of('error'),
    input: 0,
    output: 0,
  };
}

const COUNTERS: Readonly<Record<string, (folder: string) => Partial<Figures>>> = {
  claude,
  codex,
  copilot,
  gemini,
  goose,
  opencode,
  'agent-trace': agentTrace,
};

async function imported(folder: string): Promise<Figures> {
  const db = join(temporaryFolder(), 'store.db');
  const own = join(temporaryFolder(), 'samples');
  // Databases are copied because reading one may leave a file beside it.
  cpSync(folder, own, { recursive: true });
  for (const { parentPath } of readdirSync(own, { recursive: true, withFileTypes: true }))
    chmodSync(parentPath, 0o700); // the copy of a read-only folder could not be removed
  const { code, stderr } = await runCli(['import', own, '--db', db]);
  expect([0, 3], stderr).toContain(code);
  const { stdout } = await runCli(['list', '--limit', '1000', '--json', '--db', db]);
  const sessions = JSON.parse(stdout) as {
    tool_calls: number;
    errors: number;
    usage?: { input?: number; output?: number };
  }[];
  return {
    sessions: sessions.length,
    prompts: rowsOf(db, "SELECT DISTINCT root, operation FROM events WHERE kind = 'prompt'").length,
    toolCalls: total(sessions.map(({ tool_calls }) => tool_calls)),
    errors: total(sessions.map(({ errors }) => errors)),
    input: total(sessions.map(({ usage }) => usage?.input)),
    output: total(sessions.map(({ usage }) => usage?.output)),
  };
}

describe.skipIf(!available)('real recordings, from import to list (AGENT_STRACE_SAMPLES)', () => {
  it.each(Object.keys(COUNTERS))('%s counts as a naive second counter does', async (agent) => {
    const folder = join(SAMPLES!, agent);
    const wanted = COUNTERS[agent]!(folder);
    expect(wanted.toolCalls).toBeGreaterThan(0);
    expect(await imported(folder)).toMatchObject(wanted);
  });
});
