import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runCli } from '../../support/cli.ts';
import { temporaryFolder } from '../../support/temporary-store.ts';
import { FIRST, message, newDatabase, session, T, tokens } from './new-database.ts';

test('an answer that broke off in the middle of its words is unfinished until it has ended', async () => {
  const { path, database } = newDatabase();
  database.exec(FIRST);
  session(database, 'ses_1');
  const answer = (written: object, time: object, text: string, end?: number) =>
    message(
      database,
      'ses_1',
      'msg_2',
      1000,
      { role: 'assistant', parentID: 'msg_1', modelID: 'm', ...written, time },
      [
        { type: 'step-start' },
        { type: 'reasoning', text: 'The moon.', time: { start: T + 1200, end: T + 1250 } },
        { type: 'text', text, time: { start: T + 1300, end } },
      ],
    );
  message(database, 'ses_1', 'msg_1', 0, { role: 'user', time: { created: T } }, [
    { type: 'text', text: 'When is high tide?' },
  ]);
  answer({ tokens: tokens(0, 0) }, { created: T + 1000 }, 'At');
  const db = join(temporaryFolder(), 's.db');
  const imported = async () => {
    await runCli(['import', path, '--db', db]);
    const { totals, operations } = JSON.parse(
      (await runCli(['show', '--json', '--db', db])).stdout,
    );
    const of = (wanted: string) =>
      operations.filter(({ kind }: { kind: string }) => kind === wanted);
    return { totals, call: of('llm_call'), response: of('response'), turn: of('turn') };
  };
  const broken = await imported();
  expect(broken.totals).toMatchObject({ outcome: 'unfinished', unfinished: 1 });
  expect(broken.turn).toMatchObject([{ outcome: 'unknown' }]);
  expect(broken.call).toMatchObject([{ unfinished: true, contents: [{ text: 'The moon.' }] }]);
  expect(broken.response).toMatchObject([{ contents: [{ text: 'At' }] }]);

  const time = { created: T + 1000, completed: T + 9000 };
  answer({ finish: 'stop', tokens: tokens(9, 9) }, time, 'At noon.', T + 8000);
  for (const table of ['session', 'message', 'part'])
    database.exec(`update ${table} set time_updated = ${T + 9000}`);
  const whole = await imported();
  expect(whole.totals).toMatchObject({ outcome: 'success', unfinished: 0, llmCalls: 1 });
  expect(whole.call).toMatchObject([
    { startMicros: (T + 1000) * 1000, endMicros: (T + 9000) * 1000, unfinished: false },
  ]);
  expect(whole.call[0].contents).toMatchObject([{ text: 'The moon.' }]);
  expect(whole.response).toMatchObject([
    { startMicros: (T + 8000) * 1000, contents: [{ text: 'At noon.' }] },
  ]);
});

test('a thought that still grew when the next prompt was waiting is there once', async () => {
  const { path, database } = newDatabase();
  database.exec(FIRST);
  session(database, 'ses_1');
  const prompt = (id: string, at: number, text: string) =>
    message(database, 'ses_1', id, at, { role: 'user', time: { created: T + at } }, [
      { type: 'text', text },
    ]);
  const answer = (thoughts: string, end?: number) =>
    message(
      database,
      'ses_1',
      'msg_2',
      1000,
      { role: 'assistant', parentID: 'msg_1', modelID: 'm', time: { created: T + 1000 } },
      [
        { type: 'step-start' },
        { type: 'reasoning', text: 'The moon.', time: { start: T + 1100, end: T + 1200 } },
        { type: 'reasoning', text: thoughts, time: { start: T + 1200, end } },
      ],
    );
  const db = join(temporaryFolder(), 's.db');
  prompt('msg_1', 0, 'When is high tide?');
  prompt('msg_3', 1500, 'And low tide?');
  for (const [thoughts, end] of [['The'], ['The sun'], ['The sun.', T + 2000]] as const) {
    answer(thoughts, end);
    for (const table of ['session', 'message', 'part'])
      database.exec(`update ${table} set time_updated = time_updated + 1000`);
    await runCli(['import', path, '--db', db]);
  }
  const { operations } = JSON.parse((await runCli(['show', '--json', '--db', db])).stdout);
  const call = operations.find(({ kind }: { kind: string }) => kind === 'llm_call');
  expect(call.contents).toMatchObject([{ text: 'The moon.' }, { text: 'The sun.' }]);
  const sent = ['--format', 'otlp-genai', '--content', 'full', '--db', db];
  const { stdout } = await runCli(['export', ...sent]);
  expect(stdout.match(/The sun/g)).toHaveLength(1);
});
