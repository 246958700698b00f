import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runCli } from '../../support/cli.ts';
import { fixtureFolder } from '../../support/fixture-sessions.ts';
import { temporaryFolder } from '../../support/temporary-store.ts';

const CONVERSATION = '7d2e0a31-0000-4000-8000-000000000003';

test('a conversation has its title and folder, however many others there were', async () => {
  const folder = join(temporaryFolder(), 'antigravity-cli');
  cpSync(fixtureFolder('antigravity'), folder, { recursive: true });
  mkdirSync(join(folder, 'cache'), { recursive: true });
  const others = Array.from({ length: 600 }, (_, nth) => [`other-${nth}`, 'x'.repeat(2000)]);
  const summary = { Title: 'Wells', WorkspaceURIs: ['file:///home/ada/wells'] };
  const conversations = { ...Object.fromEntries(others), [CONVERSATION]: { summary } };
  writeFileSync(
    join(folder, 'cache/conversation_metadata.json'),
    JSON.stringify({ conversations }),
  );
  const db = join(folder, 's.db');
  await runCli(['import', join(folder, 'brain'), '--db', db]);
  const { stdout } = await runCli(['show', '--json', '--no-redact', '--db', db]);
  const { head, totals } = JSON.parse(stdout);
  expect([totals.title, head.cwd]).toEqual(['Wells', '/home/ada/wells']);
});
