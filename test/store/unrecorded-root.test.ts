import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runCli } from '../support/cli.ts';
import { temporaryFolder } from '../support/temporary-store.ts';

const T = 1_790_000_000_000;

test('an exported child session is OpenCode’s, and begins when it did, though its parent was never read', async () => {
  const folder = temporaryFolder();
  const file = join(folder, 'exported.json');
  const info = { id: 'ses_kid', parentID: 'ses_far', version: '1.18.13', time: { created: T } };
  const user = { id: 'msg_1', sessionID: 'ses_kid', role: 'user', time: { created: T + 10 } };
  const parts = [{ type: 'text', text: 'Count the tides' }];
  writeFileSync(file, JSON.stringify({ info, messages: [{ info: user, parts }] }));
  const db = join(folder, 'exported.db');
  await runCli(['import', file, '--db', db]);
  const listed = await runCli(['list', '--agent', 'opencode', '--json', '--db', db]);
  expect(JSON.parse(listed.stdout)).toMatchObject([{ session_id: 'ses_far', agent: 'opencode' }]);
  const { head } = JSON.parse((await runCli(['show', '--json', '--db', db])).stdout);
  expect(head).toMatchObject({ agentId: 'opencode', startMicros: T * 1000 });
});
