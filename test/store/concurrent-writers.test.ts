import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { bothVerdicts, type Machine, machine, shortSession } from '../support/audit-cli.ts';
import { CLI, runCli } from '../support/cli.ts';
import { writeInventedRecording } from '../support/invented-recording.ts';

const id = (n: number) => `cafe${String(n).padStart(4, '0')}-0000-4000-8000-000000000000`;

async function figures(at: Machine) {
  const { stdout } = await at.run('store', 'info', '--json');
  return JSON.parse(stdout) as { sessions: number; events: number; ledgerSize: number };
}

describe('several writers at once', () => {
  it('leave consistent chains and a consistent ledger', async () => {
    const at = machine();
    for (let n = 0; n < 6; n++) {
      const calls = Array.from({ length: 40 }, (_, call) => ({
        input: { command: `step ${call}` },
        output: `done ${call}`,
      }));
      writeInventedRecording(at.home, { id: id(n), prompt: `task ${n}`, calls });
    }
    const hook = (n: number, name: string) =>
      runCli(['hook', '--agent', 'claude'], {
        env: at.env,
        input: JSON.stringify({
          session_id: id(n),
          hook_event_name: name,
          prompt: 'by hook',
          cwd: '/srv/app',
          reason: 'exit',
        }),
      });
    const imports = Array.from({ length: 3 }, () =>
      at.run('import', join(at.home, '.claude/projects'), '--quiet'),
    );
    const hooks = Array.from({ length: 9 }, (_, n) =>
      hook(n % 6, n < 6 ? 'UserPromptSubmit' : 'SessionEnd'),
    );
    for (const { code, stderr } of await Promise.all([...imports, ...hooks]))
      expect(code, stderr).toBe(0);
    // What found the store locked waits beside it.
    await at.run('import', join(at.home, '.claude/projects'), '--quiet');
    expect((await figures(at)).sessions).toBe(6);
    await at.run(
      'export',
      '--all',
      '--format',
      'eu-ai-act',
      '--disclose',
      'all',
      '--no-redact',
      '-o',
      'p.json',
    );
    const result = await bothVerdicts(at, 'p.json');
    expect(result).toMatchObject({ exit: 0, counts: { sessions: 6, unexplainedSessions: 0 } });
    expect((await at.run('verify')).code).toBe(0);
  }, 120_000);
});

async function killedAfter(child: ChildProcess, millis: number): Promise<void> {
  const gone = new Promise((resolve) => child.once('exit', resolve));
  await sleep(millis);
  child.kill('SIGKILL');
  await gone;
}

describe('a writer that is killed', () => {
  it('leaves a consistent store, and its next run stores the rest', async () => {
    const calls = Array.from({ length: 4000 }, (_, call) => ({
      input: { command: `step ${call}` },
      output: 'x'.repeat(200),
    }));
    const whole = machine();
    const recording = { id: id(1), prompt: 'a long task', calls };
    await whole.record(recording);
    const at = machine();
    const folder = writeInventedRecording(at.home, recording);
    for (const millis of [150, 300, 450, 600, 900]) {
      const child = spawn(process.execPath, [CLI, 'import', folder], {
        env: { ...at.env, PATH: process.env['PATH'] },
        stdio: 'ignore',
      });
      await killedAfter(child, millis);
      const { code, stdout, stderr } = await at.run('verify');
      // Killed before the first facts were stored: there is nothing to check yet.
      if (code === 2) expect(stdout + stderr).toMatch(/E_EMPTY|no store/);
      else expect(code, stdout).toBe(0);
    }
    expect((await at.run('import', folder)).code).toBe(0);
    const { events } = await figures(at);
    expect(events).toBe((await figures(whole)).events);
    expect((await at.run('verify')).code).toBe(0);
  }, 120_000);

  it('leaves a note in the ledger when it left a half-written file beside the store', async () => {
    const at = machine();
    await at.record(shortSession(id(1), '2026-01-10'));
    const spool = `${at.db}-spool`;
    mkdirSync(spool, { recursive: true, mode: 0o700 });
    writeFileSync(join(spool, '1.part'), '[{"session":"s"');
    utimesSync(join(spool, '1.part'), 1_770_000_000, 1_770_000_000);
    writeFileSync(join(spool, '2.part'), '[{"session":"s"');
    writeFileSync(join(spool, '3.json'), '{"no":"facts"}');
    await at.run('import', at.path('.claude/projects'));
    expect(readdirSync(spool).sort()).toEqual(['1.part.torn', '2.part', '3.json.unreadable']);
    await at.run('export', '--all', '--format', 'eu-ai-act', '-o', 'p.json');
    const result = await bothVerdicts(at, 'p.json');
    expect(result.exit).toBe(0);
    const { ledger } = JSON.parse(readFileSync(at.path('p.json'), 'utf8'));
    expect(ledger.filter((leaf: { t: string }) => leaf.t === 'recovery')).toMatchObject([
      {
        note: 'facts that waited beside the store were set aside: 1 files unreadable, 1 half written',
      },
    ]);
    await at.run('import', at.path('.claude/projects'));
    expect((await figures(at)).ledgerSize).toBe(result.counts.ledgerLeaves + 1);
  });
});
