import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Sqlite from 'better-sqlite3';
import { expect, it } from 'vitest';
import { CLI, runCli } from '../support/cli.ts';
import { eventually } from '../support/eventually.ts';
import { startOtlpServer } from '../support/otlp-server.ts';
import { temporaryFolder } from '../support/temporary-store.ts';

const SESSION = 'c10c0000-0000-4000-8000-000000000001';
const HOUR = 3_600_000;
const CLOCK = fileURLToPath(new URL('../support/shifted-clock.cjs', import.meta.url));

const clockAt = (offset: number) => ({
  NODE_OPTIONS: `--require ${JSON.stringify(CLOCK)}`,
  CLOCK_OFFSET: String(offset),
});

it('delivers everything, once, when the clock is set back by an hour while a session is recorded', async () => {
  const home = temporaryFolder();
  const db = join(home, 'store.db');
  const server = await startOtlpServer();
  const hook = async (offset: number, event: string, more: object = {}) => {
    const env = { HOME: home, AGENT_STRACE_DB: db, ...clockAt(offset) };
    const input = JSON.stringify({ session_id: SESSION, prompt_id: 'p1', ...more });
    expect((await runCli(['hook', event], { env, input })).code).toBe(0);
  };
  const call = async (offset: number, id: string) => {
    const tool = { tool_name: 'Bash', tool_use_id: id, tool_input: { command: `echo ${id}` } };
    await hook(offset, 'PreToolUse', tool);
    await hook(offset, 'PostToolUse', { ...tool, tool_response: { stdout: id } });
  };
  const watch = (offset: number): ChildProcess =>
    spawn(
      process.execPath,
      [CLI, 'watch', '--all', '--no-ingest', '--stream-to', `${server.url}/v1/traces`, '--db', db],
      { stdio: 'ignore', env: { PATH: process.env['PATH'], HOME: home, ...clockAt(offset) } },
    );
  const arrived = (spans: number) =>
    eventually(
      () => server.stored().size === spans,
      () => `${spans} spans, ${server.stored().size} are there`,
    );
  /** A kill between the answer and its place in the store would send the request again, as promised. */
  const writtenDown = (spans: number) => {
    const store = new Sqlite(db, { readonly: true });
    const accepted = store.prepare('SELECT sum(accepted) FROM deliveries').pluck();
    return eventually(
      () => accepted.get() === spans,
      () => `${spans} spans, ${accepted.get()} are written down`,
    ).finally(() => store.close());
  };
  const killed = async (child: ChildProcess) => {
    child.kill('SIGKILL');
    await once(child, 'exit');
  };

  await hook(HOUR, 'UserPromptSubmit', { prompt: 'begin' });
  let watcher = watch(HOUR);
  await call(HOUR, 'before');
  await arrived(1);
  await writtenDown(1);
  await killed(watcher);
  await call(0, 'after');
  watcher = watch(0);
  await arrived(2);
  await call(0, 'last');
  await hook(0, 'Stop');
  await hook(0, 'SessionEnd', { reason: 'other' });
  await arrived(5);
  await killed(watcher);

  expect(server.copies()).toEqual({ equal: 0, differing: 0 });
  const { stdout } = await runCli(['export', SESSION, '--jsonl', '--db', db]);
  const exported = [...stdout.matchAll(/"spanId":"([0-9a-f]{16})","(?:parentSpanId|flags)/g)];
  expect([...server.stored().keys()].sort()).toEqual(exported.map((match) => match[1]).sort());
  for (const { startTimeUnixNano, endTimeUnixNano } of server.stored().values())
    expect(BigInt(endTimeUnixNano) >= BigInt(startTimeUnixNano)).toBe(true);
  expect((await runCli(['verify', '--db', db])).code).toBe(0);
  const readiness = await runCli(['audit-readiness', '--db', db]);
  expect(readiness.stdout).toMatch(/^gap +times: 1 times that go back$/m);
  await server.close();
}, 60_000);
