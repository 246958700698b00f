import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runCli } from '../support/cli.ts';
import { spansOf } from '../support/decoded-spans.ts';
import { temporaryFolder } from '../support/temporary-store.ts';

const at = (second: number) => `2026-05-01T08:00:0${second}.000Z`;
const thought = (subject: string) => ({ subject, description: 'Why not.', timestamp: at(1) });
const answer = (...subjects: string[]) => ({
  id: 'm2',
  timestamp: at(2),
  type: 'gemini',
  content: 'The red one.',
  model: 'gemini-2.5-pro',
  thoughts: subjects.map(thought),
});

test('everything that a model thought before an answer is in its messages, in its order', async () => {
  const folder = temporaryFolder();
  const log = [
    { sessionId: 'ses_kites', startTime: at(0) },
    { id: 'm1', timestamp: at(0), type: 'user', content: 'Which kite?' },
    answer('Wind'),
    answer('Wind', 'Colour'),
  ];
  const path = join(folder, 'session-2026-05-01T08-00-0a0b0c0d.jsonl');
  writeFileSync(path, log.map((record) => `${JSON.stringify(record)}\n`).join(''));
  const db = join(folder, 's.db');
  expect(await runCli(['import', path, '--db', db])).toMatchObject({ code: 0 });
  const callOf = async (content: string) => {
    const args = ['export', '--format', 'otlp-genai', '--content', content, '--db', db];
    const { stdout } = await runCli(args);
    return spansOf(JSON.parse(stdout)).find(({ name }) => name === 'gen_ai.client.operation')!
      .attributes;
  };
  expect(JSON.parse(String((await callOf('full'))['gen_ai.output.messages']))[0].parts).toEqual([
    { type: 'reasoning', content: 'Wind\nWhy not.' },
    { type: 'reasoning', content: 'Colour\nWhy not.' },
    { type: 'text', content: 'The red one.' },
  ]);
  const withheld = await callOf('none');
  expect(withheld['agent_strace.reasoning.size']).toEqual({ int: '28' });
  expect(withheld).not.toHaveProperty('agent_strace.reasoning.commitment');
});
