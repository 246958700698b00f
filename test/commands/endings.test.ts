import type { ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCli } from '../support/cli.ts';
import { writeExampleStore } from '../support/example-store.ts';

const MAPPER = `export default { name: 'mine', summary: 's', contentDefault: 'none', spanKinds: [],
  operation: () => null, root: () => ({ type: 'span', name: 'r', kind: 0, attributes: {} }) };`;

describe('a command that does not come to its end', () => {
  const folder = mkdtempSync(join(tmpdir(), 'endings-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const db = join(folder, 'store.db');
  beforeAll(async () => {
    await writeExampleStore(db);
  });

  let count = 0;
  function exportWith(before: string, onStart?: Parameters<typeof runCli>[1]) {
    const mapper = join(folder, `mapper-${++count}.mjs`);
    writeFileSync(mapper, `${before}\n${MAPPER}`);
    return runCli(['export', '--mapper', mapper, '--db', db], onStart);
  }

  it.each([
    ['a module that ends the process', 'process.exit(0);', /ended before its work was done/],
    ['a module that never loads', 'await new Promise(() => {});', /ended before its work was done/],
    [
      'a promise that nobody waits for',
      'Promise.reject(new Error("late")); await new Promise((done) => setImmediate(done));',
      /unexpected failure: late/,
    ],
    [
      'a timer that throws',
      'await new Promise(() => setTimeout(() => { throw new Error("timer"); }));',
      /unexpected failure: timer/,
    ],
  ])('could not do it: %s', async (_name, before, sentence) => {
    const { code, stdout, stderr } = await exportWith(before);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(sentence);
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });

  it('is ended by one signal where it is done, and something else is still open', async () => {
    const { code, stdout } = await exportWith('setInterval(() => {}, 1000);', {
      onStart(child) {
        child.stderr?.once('data', () => setImmediate(() => child.kill('SIGTERM')));
      },
    });
    expect(code).toBe(143);
    expect(stdout).toContain('"resourceSpans"');
  });

  it.each([
    ['SIGTERM', 143],
    ['SIGINT', 130],
  ] as const)(
    'is ended by %s where the reader of its output stands still',
    async (signal, code) => {
      const wide = ['--attribute', `wide=${'x'.repeat(100_000)}`];
      const ended = await runCli(['export', '--all', '--db', db, ...wide], {
        onStart(child) {
          child.once('exit', () => child.stdout!.resume());
          child.stdout!.once('data', () => {
            child.stdout!.pause();
            child.kill(signal);
          });
        },
      });
      expect([ended.code, ended.stderr]).toEqual([code, '']);
      expect(ended.stdout.startsWith('{"resourceSpans":[{')).toBe(true);
    },
  );

  it.each(['SIGTERM', 'SIGINT'] as const)(
    'is ended by %s in the middle of work that lets no handler run',
    async (signal) => {
      const file = join(folder, 'wide.jsonl');
      const store = join(folder, `${signal}.db`);
      const at = { timestamp: '2026-05-01T10:00:00.000Z', cwd: '/shop', version: '2.1.0' };
      const line = (uuid: string, content: string) =>
        JSON.stringify({
          ...{ type: 'user', uuid, sessionId: 'wide', ...at },
          message: { role: 'user', content },
        });
      writeFileSync(file, `${line('u1', 'go')}\n${line('u2', 'wide '.repeat(400_000))}\n`);
      await runCli(['import', file, '--db', store]);
      // The pipe is full, and the command waits for it without returning to Node's event loop.
      const ended = await runCli(['show', 'wide', '--json', '--db', store], {
        onStart(child) {
          child.once('exit', () => child.stdout!.resume());
          child.stdout!.once('data', () => {
            child.stdout!.pause();
            child.kill(signal);
          });
        },
      });
      expect([ended.signal, ended.stderr]).toEqual([signal, '']);
    },
  );

  it('still gives its answer as the exit code if nobody reads the text', async () => {
    const damaged = join(folder, 'damaged.db');
    await writeExampleStore(damaged);
    const database = new Sqlite(damaged);
    database.exec('UPDATE events SET header = replace(header, \'"facts":{\', \'"facts":{,\')');
    database.close();
    const unread = { onStart: (child: ChildProcess) => child.stdout!.destroy() };
    for (const [args, code] of [
      [['verify', '--db', damaged], 1],
      [['doctor', '--db', folder], 1],
      [
        ['export', '--endpoint', 'http://127.0.0.1:1', '--retry-for', '0s', '--json', '--db', db],
        3,
      ],
    ] as const)
      expect((await runCli(args, unread)).code, args[0]).toBe(code);
    expect((await runCli(['list', '--db', db], unread)).code).toBe(0);
  });

  it.each(['SIGTERM', 'SIGINT'] as const)(
    'is ended by %s in the middle of a document that it imports',
    async (signal) => {
      const documents = join(folder, `documents-${signal}`);
      mkdirSync(documents);
      const put = (name: string, startTime: string, count: number) => {
        const message = (at: number) => ({
          ...{ id: `m${at}`, timestamp: startTime, type: 'user', content: `say ${at}` },
        });
        const messages = Array.from({ length: count }, (_, at) => message(at));
        const whole = { sessionId: name, projectHash: 'p', startTime, messages };
        writeFileSync(join(documents, `session-${name}.json`), JSON.stringify(whole));
      };
      put('first', '2026-05-01T10:00:00.000Z', 1);
      put('second', '2026-05-02T10:00:00.000Z', 40_000);
      const stop = (store: string) =>
        runCli(['import', documents, '--db', join(folder, store)], {
          onStart: (child) => child.stderr!.once('data', () => child.kill(signal)),
        });
      let ended = await stop(`${signal}-0.db`);
      // On a machine that was busy with something else it may have come to its end before the signal.
      for (let at = 1; ended.code === 0 && at < 5; at++) ended = await stop(`${signal}-${at}.db`);
      expect(ended.signal).toBe(signal);
      expect(ended.stderr).not.toContain('session-second');
    },
  );

  it('says so if the folder it was started in is gone', async () => {
    const gone = join(folder, 'gone');
    const first = join(folder, 'first.cjs');
    writeFileSync(
      first,
      `const { mkdirSync, rmdirSync } = require('node:fs'); const gone = ${JSON.stringify(gone)};
       mkdirSync(gone); process.chdir(gone); rmdirSync(gone);`,
    );
    const env = { NODE_OPTIONS: `--require ${JSON.stringify(first)}` };
    const { code, stderr } = await runCli(['list', '--db', db], { env });
    expect(code).toBe(2);
    expect(stderr).toBe(
      'agent-strace: the folder it was started in was deleted or moved; change to another one\n',
    );
  });
});
