import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { runCli } from '../support/cli.ts';
import { writeInventedRecording } from '../support/invented-recording.ts';
import { temporaryFolder } from '../support/temporary-store.ts';
import { answered, said } from './importing.ts';

const SESSION = '5e1f0a77-1111-4222-8333-944455566677';

/** What an older version made of the same session: one call, by the id that the agent gave it. */
function writeOlderStore(home: string): string {
  const folder = join(home, '.agent-traces', SESSION);
  mkdirSync(folder, { recursive: true });
  const at = Date.parse('2026-04-02T12:00:00Z') / 1000;
  const use = `toolu_${SESSION.slice(0, 8)}_0`;
  const data = [
    ['tool_call', { tool_name: 'Bash', arguments: { command: 'ls' }, request_id: use }],
    ['tool_result', { tool_use_id: use, content_preview: 'geese' }],
  ] as const;
  const lines = data.map(([event_type, told], index) =>
    JSON.stringify({
      event_type,
      timestamp: at + 0.1 * (index + 1),
      event_id: `aaaaaaaaaaa${index}`,
      session_id: SESSION,
      data: told,
    }),
  );
  writeFileSync(join(folder, 'events.ndjson'), `${lines.join('\n')}\n`);
  writeFileSync(
    join(folder, 'meta.json'),
    JSON.stringify({ session_id: SESSION, agent_name: 'claude-code' }),
  );
  return folder;
}

it.each(['first', 'last'])('a call that an older store tells of %s counts once', async (when) => {
  const home = temporaryFolder();
  const transcript = writeInventedRecording(home, {
    id: SESSION,
    prompt: 'what is here?',
    calls: [{ input: { command: 'ls' }, output: 'geese and herons' }],
  });
  const sources = [transcript, writeOlderStore(home)];
  const db = join(home, 'store.db');
  for (const source of when === 'first' ? sources.reverse() : sources)
    expect((await runCli(['import', source, '--db', db])).code).toBe(0);
  const shown = await runCli(['show', SESSION, '--json', '--db', db]);
  const { totals, operations } = JSON.parse(shown.stdout);
  expect(totals).toMatchObject({ toolCalls: 1 });
  const call = operations.find(({ kind }: { kind: string }) => kind === 'tool_call');
  expect(call).toMatchObject({ captures: expect.arrayContaining(['transcript', 'import']) });
  expect(call.contents.map(({ text }: { text: string }) => text)).toContain('geese and herons');
});

it('calls of two sessions that share a message id are one call only if they share the request id too', async () => {
  const home = temporaryFolder();
  const counts = async (requestIds: readonly string[]) => {
    const folder = join(home, requestIds.join('-'));
    mkdirSync(folder);
    for (const [index, requestId] of requestIds.entries()) {
      const session = `tide-${index}`;
      const lines = [
        said(session, `a${index}`, 'When?'),
        answered(session, `b${index}`, 'Now.', { requestId }).replace(/msg-b\d/, 'msg-b'),
      ];
      writeFileSync(join(folder, `${session}.jsonl`), `${lines.join('\n')}\n`);
    }
    const db = join(folder, 'store.db');
    expect((await runCli(['import', folder, '--db', db])).code).toBe(0);
    const sessions = JSON.parse((await runCli(['list', '--json', '--db', db])).stdout);
    return sessions.map(({ usage }: { usage?: { input?: number } }) => usage?.input ?? 0).sort();
  };
  expect(await counts(['r0', 'r1'])).toEqual([10, 10]);
  expect(await counts(['r0', 'r0'])).toEqual([0, 10]);
});
