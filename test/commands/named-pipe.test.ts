import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { record, sessionFacts } from '../delivery/recorded-sessions.ts';
import { CLI, runCli } from '../support/cli.ts';
import { temporaryFolder } from '../support/temporary-store.ts';

const ID = '0b1e0000-0000-4000-8000-000000000009';

function place() {
  const cwd = temporaryFolder();
  record(join(cwd, 'store.db'), ...sessionFacts({ id: ID, calls: [{}] }));
  execFileSync('mkfifo', [join(cwd, 'pipe')]);
  return cwd;
}

it('refuses a named pipe, for which it would wait endlessly, and a device', async () => {
  const cwd = place();
  for (const args of [
    ['export', '--redact-rules', 'pipe'],
    ['export', '--redact-rules', '/dev/zero'],
    ['export', '--mapper', 'pipe'],
    ['watch', '--rules', 'pipe'],
    ['baseline', 'check', '--baseline', 'pipe'],
    ['score', '--import', 'pipe'],
    ['verify', '--from-export', 'pipe'],
  ]) {
    const { code, stderr } = await runCli([...args, '--db', 'store.db'], { cwd });
    expect([code, stderr.trim().split('\n').length], stderr).toEqual([2, 1]);
    expect(stderr).toContain('it is a pipe or a device, not a regular file');
  }
  execFileSync('mkfifo', [join(cwd, 'agent-strace.config.json')]);
  const { code, stderr } = await runCli(['list', '--db', 'store.db'], { cwd });
  expect([code, stderr]).toEqual([2, expect.stringContaining('agent-strace.config.json is not')]);
});

it('reads what a shell hands over, which can be read only once', () => {
  const cwd = place();
  writeFileSync(join(cwd, 'rules.json'), '[]');
  const program = `${JSON.stringify(process.execPath)} ${JSON.stringify(CLI)}`;
  const bash = (command: string) =>
    execFileSync('bash', ['-c', `${program} ${command}`], { cwd, encoding: 'utf8', stdio: 'pipe' });
  for (const given of ['<(cat rules.json)', '/dev/stdin < rules.json'])
    expect(bash(`export --db store.db --redact-rules ${given}`)).toContain('"resourceSpans":[{');
  bash('export --db store.db --format eu-ai-act --output package --checkpoint checkpoint');
  expect(bash('verify --from-export package --known-checkpoint <(cat checkpoint)')).toContain(
    'The ledger extends the checkpoint',
  );
});
