import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { afterAll, describe, expect, test } from 'vitest';
import { opencode } from '../../../src/agents/opencode/opencode.ts';
import { expectWellFormed } from '../expectations.ts';
import { countsOf, operationsOf, readDatabase, readText } from '../reading.ts';

const samples = process.env.AGENT_STRACE_SAMPLES;
const source = join(samples ?? '', 'opencode');
const folder = mkdtempSync(join(tmpdir(), 'opencode-samples-'));
afterAll(() => rmSync(folder, { recursive: true }));

interface Tokens {
  input: number;
  output: number;
  reasoning: number;
  cache: { read: number; write: number };
}
interface Message {
  id?: string;
  role?: string;
  type?: string;
  tokens?: Tokens;
  content?: { type: string }[];
}
interface Part {
  type: string;
  synthetic?: boolean;
  state?: { status: string };
}

/** Counts documents without any of our code. */
function naive(messages: readonly Message[], parts: readonly Part[]) {
  const sum = (pick: (tokens: Tokens) => number) =>
    messages.reduce(
      (total, message) => total + (message.tokens === undefined ? 0 : pick(message.tokens)),
      0,
    );
  const inside = messages.flatMap((message) => message.content ?? []);
  return {
    prompts: messages.filter((message) => (message.role ?? message.type) === 'user').length,
    tools:
      [...parts, ...inside].filter((part) => part.type === 'tool').length +
      messages.filter((message) => message.type === 'shell').length,
    toolErrors: parts.filter((part) => part.state?.status === 'error').length,
    input: sum((tokens) => tokens.input + tokens.cache.read + tokens.cache.write),
    output: sum((tokens) => tokens.output + tokens.reasoning),
  };
}

function total(drafts: Parameters<typeof operationsOf>[0]) {
  expectWellFormed(drafts);
  const roots = new Set(drafts.map((draft) => draft.rootSession ?? draft.session));
  const sums = { prompts: 0, tools: 0, toolErrors: 0, input: 0, output: 0 };
  for (const root of roots) {
    const counts = countsOf(operationsOf(drafts, root));
    for (const name of Object.keys(sums) as (keyof typeof sums)[]) sums[name] += counts[name];
  }
  return { ...sums, sessions: roots.size };
}

describe.skipIf(samples === undefined)('published recordings (AGENT_STRACE_SAMPLES)', () => {
  const names = samples === undefined ? [] : readdirSync(source);

  test.each(names.filter((name) => name.endsWith('.db')))(
    '%s agrees with a naive counter',
    (name) => {
      const path = join(folder, name);
      copyFileSync(join(source, name), path);
      const reading = readDatabase(opencode, path);
      expect(reading.shapes).toEqual([]);
      const database = new Sqlite(path, { readonly: true });
      const all = (table: string) =>
        database
          .prepare(`select data from ${table}`)
          .pluck()
          .all()
          .map((text) => JSON.parse(text as string) as unknown);
      const sessions = database
        .prepare('select count(*) from session where parent_id is null')
        .pluck()
        .get();
      expect(total(reading.events)).toEqual({
        ...naive(all('message') as Message[], all('part') as Part[]),
        sessions,
      });
    },
  );

  test.each(names.filter((name) => name.endsWith('.json')))(
    '%s agrees with a naive counter',
    (name) => {
      const text = readFileSync(join(source, name), 'utf8');
      const document = JSON.parse(text) as {
        messages?: { info: Message; parts: Part[] }[];
      } & Message;
      const messages = document.messages?.map((entry) => entry.info) ?? [document];
      const parts = document.messages?.flatMap((entry) => entry.parts) ?? [];
      const { sessions, ...sums } = total(
        readText(opencode, text, { path: join(source, name) }).events,
      );
      expect(sums).toEqual(naive(messages, parts));
      expect(sessions).toBe(1);
    },
  );

  test('the JSON tree agrees with a naive counter; its broken file is recognised as broken', () => {
    const root = join(source, names.find((name) => name.includes('storage')) ?? '', 'storage');
    const texts = new Map<string, string>();
    for (const file of readdirSync(root, { recursive: true, withFileTypes: true })) {
      if (file.isFile())
        texts.set(
          join(file.parentPath, file.name),
          readFileSync(join(file.parentPath, file.name), 'utf8'),
        );
    }
    const drafts = [];
    const messages: Message[] = [];
    const parts: Part[] = [];
    let broken = 0;
    for (const [path, text] of texts) {
      if (path.includes('/project/')) continue;
      expect(
        opencode.detect({ path, size: text.length, head: Buffer.from(text) }),
        path,
      ).not.toBeNull();
      let value: unknown;
      try {
        value = JSON.parse(text);
      } catch {
        broken++;
        continue;
      }
      if (path.includes('/message/')) messages.push(value as Message);
      if (path.includes('/part/')) parts.push(value as Part);
      drafts.push(
        ...readText(opencode, text, { path, sidecars: Object.fromEntries(texts) }).events,
      );
    }
    const { sessions, ...sums } = total(drafts);
    expect(sums).toEqual(naive(messages, parts));
    expect(sessions).toBe(readdirSync(join(root, 'session')).length);
    expect(broken).toBe(1);
  });
});
