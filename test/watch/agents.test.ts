import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import Sqlite from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { answered, said } from '../ingest/importing.ts';
import { openCodeFirst } from '../ingest/seeds.ts';
import { CLI } from '../support/cli.ts';
import { type OtlpServer, startOtlpServer } from '../support/otlp-server.ts';
import { temporaryFolder } from '../support/temporary-store.ts';

const WAIT_MILLIS = 20_000;

function startWatcher(home: string, server: OtlpServer, ...more: string[]): ChildProcess {
  const args = [
    'watch',
    '--all',
    '--stream-to',
    `${server.url}/v1/traces`,
    '--format',
    'otlp-genai',
    ...more,
  ];
  return spawn(process.execPath, [CLI, ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { PATH: process.env['PATH'], HOME: home },
    cwd: home,
  });
}

/** Waits for a number of spans; what is missing then is told by the assertion that follows. */
async function arrived(wanted: () => boolean): Promise<boolean> {
  for (let waited = 0; waited < WAIT_MILLIS && !wanted(); waited += 50) await sleep(50);
  return wanted();
}

const attribute = (span: { attributes: unknown }, name: string) =>
  (span.attributes as Record<string, unknown>)[name];

const now = (plus = 0) => ({ timestamp: new Date(Date.now() + plus).toISOString() });

describe.each([
  ['events', []],
  ['polling', ['--poll']],
] as const)('watch by %s', (_name, flags) => {
  it('follows lines of one agent and the database of another while both grow', async () => {
    const home = temporaryFolder();
    const server = await startOtlpServer();
    const transcript = join(home, '.claude/projects/p/live.jsonl');
    const path = join(home, '.local/share/opencode/opencode.db');
    for (const file of [transcript, path]) mkdirSync(dirname(file), { recursive: true });
    writeFileSync(transcript, `${said('live', 'u1', 'Go', now())}\n`);
    writeFileSync(path, openCodeFirst());
    const database = new Sqlite(path);
    database.pragma('journal_mode = WAL');
    const child = startWatcher(home, server, ...flags);
    const tools = () =>
      [...server.stored().values()]
        .map((span) => attribute(span, 'gen_ai.tool.call.id'))
        .filter((id) => id !== undefined)
        .sort();
    const calls = () =>
      [...server.stored().values()]
        .map((span) => attribute(span, 'gen_ai.response.id'))
        .filter((id) => id !== undefined)
        .sort();
    try {
      // The database holds a session of long ago, which nobody asked for until it goes on.
      await once(child.stderr!, 'data');
      for (let turn = 1; turn <= 2; turn++) {
        appendFileSync(
          transcript,
          `${answered('live', `a${turn}`, 'Gone.', now())}\n${said('live', `n${turn}`, 'On', now(1))}\n`,
        );
        const tool = {
          type: 'tool',
          callID: `live${turn}`,
          tool: 'bash',
          state: {
            status: 'completed',
            input: { command: 'ls' },
            output: 'x',
            time: { start: Date.now(), end: Date.now() + 5 },
          },
        };
        database
          .prepare('insert into part values (?, ?, ?, ?, ?, ?)')
          .run(`prt_live${turn}`, 'msg_2', 'ses_a', Date.now(), Date.now(), JSON.stringify(tool));
        database.prepare('update session set time_updated = ?').run(Date.now());
        database.prepare("update message set time_updated = ? where id = 'msg_2'").run(Date.now());
        expect(
          await arrived(() => tools().includes(`live${turn}`)),
          `tool call ${turn} of the database`,
        ).toBe(true);
        expect(
          await arrived(() => calls().includes(`msg-a${turn}`)),
          `reply ${turn} of the transcript`,
        ).toBe(true);
      }
      expect(tools(), 'what the session held before it went on').toContain('c1');
      // Written anew under the same name, as an editor or a rotation does: the new session is followed too.
      writeFileSync(
        `${transcript}.new`,
        `${said('next', 'x1', 'Hello', now())}\n${answered('next', 'x2', 'Hi.', now())}\n${said('next', 'x3', 'Bye', now(1))}\n`,
      );
      renameSync(`${transcript}.new`, transcript);
      expect(
        await arrived(() => calls().includes('msg-x2')),
        'the reply of the file that took its place',
      ).toBe(true);
    } finally {
      database.close();
      const gone = once(child, 'exit');
      child.kill('SIGTERM');
      await gone;
      await server.close();
    }
    expect(server.copies().differing).toBe(0);
  }, 90_000);
});
