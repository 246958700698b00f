import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { answered, said } from '../ingest/importing.ts';
import { runCli } from '../support/cli.ts';
import { temporaryFolder } from '../support/temporary-store.ts';

function recording() {
  const folder = temporaryFolder();
  const file = join(folder, 'tide.jsonl');
  const lines = [said('tide', 'u1', 'write to joe.doe@example.org'), answered('tide', 'a1', 'ok')];
  writeFileSync(file, `${lines.join('\n')}\n`);
  const run = async (...flags: string[]) => {
    const args = ['import', file, '--db', join(folder, 'store.db'), ...flags];
    const { code, stderr } = await runCli(args);
    expect(code, stderr).toBe(0);
    return stderr;
  };
  return { file, run };
}

it('says that --redact leaves raw what was stored raw', async () => {
  const { file, run } = recording();
  expect(await run()).not.toContain('began');
  expect(await run('--force')).not.toContain('began');
  expect(await run('--redact', '--force')).toMatch(
    /1 session \(tide\) began without these redaction rules: .* "prune --content" erases/,
  );
  expect(await run('--redact')).not.toContain('began');
  appendFileSync(file, `${said('tide', 'u2', 'go on')}\n`);
  expect(await run('--redact')).toContain('began without these redaction rules');
});

it('says that raw texts join redacted ones', async () => {
  const { file, run } = recording();
  expect(await run('--redact')).not.toContain('began');
  expect(await run('--redact', '--force')).not.toContain('began');
  expect(await run('--force')).not.toContain('began');
  appendFileSync(file, `${said('tide', 'u2', 'and to jane.doe@example.org')}\n`);
  expect(await run()).toMatch(
    /1 session \(tide\) began with "import --redact", and what was added now is stored raw/,
  );
});
