import { appendFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { jsonl } from '../agents/reading.ts';
import { runCli } from '../support/cli.ts';
import { temporaryFolder } from '../support/temporary-store.ts';

const SECRET = `sk-ant-api03-${'aB3x'.repeat(23)}AA`;
const CLAUDE = '11111111-2222-4333-8444-555555555555';
const CODEX = '0199a2e5-4d88-7b11-a2c3-5e7f1b9d0643';
const at = (second: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString();

const said = (uuid: string, second: number, content: string) => ({
  ...{ type: 'user', uuid, sessionId: CLAUDE, timestamp: at(second), cwd: '/srv/shop' },
  ...{ version: '2.0.76', message: { role: 'user', content } },
});
const queued = (operation: string, second: number, content?: string) => ({
  ...{ type: 'queue-operation', operation, sessionId: CLAUDE, timestamp: at(second), content },
});
const answered = (uuid: string, second: number) => ({
  ...{ type: 'assistant', uuid, sessionId: CLAUDE, timestamp: at(second), requestId: `r-${uuid}` },
  message: {
    ...{ id: `m-${uuid}`, role: 'assistant', model: 'claude-sonnet-4-5', stop_reason: 'end_turn' },
    content: [{ type: 'text', text: 'Done.' }],
    usage: { input_tokens: 100, output_tokens: 10 },
  },
});
const CHAT = [
  said('u1', 0, 'How many lamps?'),
  { type: 'ai-title', sessionId: CLAUDE, aiTitle: `Lamps with ${SECRET}` },
  queued('enqueue', 1, `use ${SECRET} please`),
  queued('remove', 2),
  answered('a1', 3),
];
const codex = (second: number, type: string, payload: object) => ({
  ...{ timestamp: at(second), type, payload },
});
const sent = {
  ...{ type: 'message', role: 'user' },
  content: [{ type: 'input_text', text: `use ${SECRET} now` }],
};
const ROLLOUT = [
  codex(0, 'session_meta', { id: CODEX, timestamp: at(0), cwd: '/srv', cli_version: '0.150.0' }),
  codex(1, 'response_item', sent),
  codex(1, 'event_msg', { type: 'user_message', message: `use ${SECRET} now` }),
  codex(2, 'response_item', {
    ...{ type: 'custom_tool_call', call_id: 'c1', name: 'exec', input: `run("${SECRET}")` },
  }),
  codex(3, 'response_item', { type: 'custom_tool_call_output', call_id: 'c1', output: 'ok' }),
];

/** A store, and the two recordings under names that say nothing about their sessions. */
function place() {
  const folder = temporaryFolder();
  const files = [join(folder, 'chat.jsonl'), join(folder, 'rollout.jsonl')] as const;
  const run = (...args: string[]) => runCli([...args, '--db', join(folder, 'store', 's.db')]);
  return {
    run,
    files,
    import: (...flags: string[]) => run('import', ...files, ...flags),
    holdsSecret: () => {
      const stored = readdirSync(join(folder, 'store'));
      return stored.some((name) => readFileSync(join(folder, 'store', name)).includes(SECRET));
    },
  };
}

async function sessions({ run }: ReturnType<typeof place>) {
  const rows = JSON.parse((await run('list', '--json')).stdout) as Record<string, unknown>[];
  return rows.map(({ agent, prompts, llm_calls, tool_calls, usage }) => ({
    ...{ agent, prompts, llm_calls, tool_calls, usage },
  }));
}

test('import --redact keeps no text that waits for a later line, and goes on when it comes', async () => {
  const whole = place();
  writeFileSync(whole.files[0], jsonl(CHAT));
  writeFileSync(whole.files[1], jsonl(ROLLOUT));
  await whole.import('--redact');
  const grown = place();
  for (const [chat, rollout] of [
    [3, 2],
    [4, 4],
    [5, 5],
  ]) {
    writeFileSync(grown.files[0], jsonl(CHAT.slice(0, chat)));
    writeFileSync(grown.files[1], jsonl(ROLLOUT.slice(0, rollout)));
    expect((await grown.import('--redact')).code).toBe(0);
    expect(grown.holdsSecret()).toBe(false);
  }
  expect(await sessions(grown)).toEqual(await sessions(whole));
  expect((await grown.import('--redact')).stderr).toContain('2 unchanged');
});

test.each([[[]], [['--content']]])(
  'what a reader remembers is pruned with its session, and stays away (prune %j)',
  async (flags) => {
    const there = place();
    writeFileSync(there.files[0], jsonl(CHAT.slice(0, 3)));
    writeFileSync(there.files[1], jsonl(ROLLOUT.slice(0, 2)));
    await there.import();
    expect(there.holdsSecret()).toBe(true);
    await there.run('prune', '--older-than', '1d', ...flags);
    expect(there.holdsSecret()).toBe(false);
    await there.import();
    expect(there.holdsSecret()).toBe(false);
    appendFileSync(there.files[0], jsonl(CHAT.slice(3)));
    expect((await there.import()).code).toBe(0);
  },
);
