import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { EventDraft } from '../../src/session/event.ts';
import { openStore } from '../../src/store/open-store.ts';
import { createEventWriter } from '../../src/store/write-events.ts';
import { runCli } from '../support/cli.ts';
import { spansOf } from '../support/decoded-spans.ts';
import { temporaryFolder } from '../support/temporary-store.ts';

const START = 1_760_000_000_000_000;

/** Texts whose first line says something, moved and filled so that every cut of the beginning goes through all of them. */
function outputs(): string[] {
  const lines = [
    'Error: no',
    'sh: no-such-program: command not found',
    'all is well',
    '模型: not found',
  ];
  const made: string[] = [];
  for (const line of lines) {
    for (const fill of ['x', 'é', '模', '🚀']) {
      for (const before of [0, 1, 490, 505, 511, 512, 600]) {
        for (const after of [0, 130, 260, 520])
          made.push(`${'\n'.repeat(before)}${line} ${fill.repeat(after)}\nmore`);
      }
    }
  }
  return made;
}

function drafts(session: string, texts: readonly string[]): EventDraft[] {
  const common = { session, capture: 'transcript', timeBasis: 'recorded' } as const;
  return texts.flatMap((text, n): EventDraft[] => [
    {
      ...common,
      kind: 'tool_call',
      eventId: `${n}/call`,
      operationKey: `tool:${n}`,
      atMicros: START + n * 1000,
      facts: { name: 'Bash', call_id: String(n) },
    },
    {
      ...common,
      kind: 'tool_result',
      eventId: `${n}/result`,
      operationKey: `tool:${n}`,
      atMicros: START + n * 1000 + 500,
      facts: { outcome: 'ok' },
      contents: [{ name: 'output', text, media: 'text/plain' }],
    },
  ]);
}

it('a call is found to have failed silently whether its output is sent or only looked at', async () => {
  const db = join(temporaryFolder(), 'store.db');
  const session = '51e47000-0000-4000-8000-000000000000';
  const texts = outputs();
  const store = openStore({ path: db, mode: 'write' });
  createEventWriter(store).append(drafts(session, texts));
  store.close();
  const failedWith = async (content: string) => {
    const { code, stdout, stderr } = await runCli([
      'export',
      session,
      '--db',
      db,
      '--content',
      content,
    ]);
    expect(code, stderr).toBe(0);
    return spansOf(JSON.parse(stdout))
      .filter(({ attributes }) => attributes['agent_strace.tool.silent_failure'] === true)
      .map(({ attributes }) => Number(attributes['gen_ai.tool.call.id']))
      .sort((a, b) => a - b);
  };
  const told = texts.flatMap((text, n) => (text.includes('all is well') ? [] : [n]));
  expect(await failedWith('redacted')).toEqual(told);
  expect(await failedWith('none')).toEqual(told);
});
