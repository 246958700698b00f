import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { opencode } from '../../../src/agents/opencode/opencode.ts';
import { runCli } from '../../support/cli.ts';
import { temporaryFolder } from '../../support/temporary-store.ts';
import { ofKind, operationsOf, readText } from '../reading.ts';
import { tokens } from './new-database.ts';

const T = 1_780_000_000_000;
const owned = { messageID: 'msg_1', sessionID: 'ses_1' };

/** An answer of one step whose call was given an image. */
function treeOf(root: string): Record<string, string> {
  const url = `data:image/png;base64,${'A'.repeat(1_200_000)}`;
  const time = { start: T + 200, end: T + 300 };
  const state = { status: 'completed', input: {}, output: 'ok', time, attachments: [{ url }] };
  const step = { type: 'step-finish', reason: 'tool-calls', tokens: tokens(10, 5) };
  const documents = {
    'session/prj/ses_1.json': { id: 'ses_1', projectID: 'prj', time: { created: T } },
    'message/ses_1/msg_1.json': {
      id: 'msg_1',
      sessionID: 'ses_1',
      role: 'assistant',
      time: { created: T, completed: T + 900 },
    },
    'part/msg_1/prt_1.json': { id: 'prt_1', ...owned, type: 'text', text: 'I look.' },
    'part/msg_1/prt_2.json': { id: 'prt_2', ...owned, type: 'tool', tool: 'read', state },
    'part/msg_1/prt_3.json': { id: 'prt_3', ...owned, ...step },
  };
  return Object.fromEntries(
    Object.entries(documents).map(([name, value]) => [join(root, name), JSON.stringify(value)]),
  );
}

test('a call with an image in it is a call, from the disk too', async () => {
  const home = temporaryFolder();
  for (const [path, text] of Object.entries(treeOf(join(home, 'storage')))) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
  const env = { HOME: home, AGENT_STRACE_DB: join(home, 'store.db') };
  await runCli(['import', join(home, 'storage')], { env });
  const { stdout } = await runCli(['show', '--json'], { env });
  expect(JSON.parse(stdout).totals).toMatchObject({ toolCalls: 1, llmCalls: 1 });
});

test('a part that is too long to be read beside others is read by itself, at its place', () => {
  const files = treeOf('/data/storage');
  const path = '/data/storage/part/msg_1/prt_2.json';
  const sidecars = { ...files, [path]: '' };
  const { events } = readText(opencode, files[path]!, { path, sidecars });
  const operations = operationsOf(events);
  expect(ofKind(operations, 'tool_call')).toHaveLength(1);
  expect(ofKind(operations, 'llm_call')).toMatchObject([{ usage: { input: 10, output: 5 } }]);
});

test('a message of very many parts is read with all of them, and a part of it says nothing more', () => {
  const files = treeOf('/data/storage');
  const message = '/data/storage/message/ses_1/msg_1.json';
  for (let nth = 100; nth < 700; nth++) {
    const part = { id: `prt_${nth}`, ...owned, type: 'step-finish', tokens: tokens(nth, 1) };
    files[`/data/storage/part/msg_1/prt_${nth}.json`] = JSON.stringify(part);
  }
  const read = (path: string) => readText(opencode, files[path]!, { path, sidecars: files }).events;
  const events = read(message);
  const calls = ofKind(operationsOf(events), 'llm_call');
  // The step of the first three parts, and one of each mark after it.
  expect(calls).toHaveLength(601);
  expect(calls.reduce((sum, { usage }) => sum + (usage?.output ?? 0), 0)).toBe(605);
  const last = '/data/storage/part/msg_1/prt_699.json';
  expect(operationsOf([...events, ...read(last)])).toHaveLength(operationsOf(events).length);
});
