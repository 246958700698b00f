import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { type CliResult, runCli } from '../support/cli.ts';
import { measuredStore, ordinary } from '../support/measured-store.ts';

const KEY = `sk-ant-api03-${'Zq3'.repeat(31)}AA`;

describe('export by several threads', () => {
  it.each([
    ['the defaults', []],
    ['redacted content', ['--format', 'otlp']],
    ['one document a session', ['--jsonl', '--format', 'langfuse']],
  ])('writes the very bytes that one thread writes: %s', async (_what, flags) => {
    const { run } = await measuredStore(...ordinary(12), { number: 13, toolCalls: 400 });
    const one = await run('export', '--all', ...flags, '--threads', '1');
    expect(one).toMatchObject({ code: 0, stderr: expect.stringMatching(/^13 sessions, /) });
    for (const threads of ['2', '99'])
      expect(await run('export', '--all', ...flags, '--threads', threads)).toEqual(one);
  });

  it('keeps the rules of redaction and the mapper that were asked for', async () => {
    const { run, folder } = await measuredStore(...ordinary(4), {
      number: 9,
      commands: [`curl -H "x-api-key: ${KEY}" http://localhost/build-4711`],
    });
    const rules = join(folder, 'rules.json');
    writeFileSync(
      rules,
      JSON.stringify({ rules: [{ name: 'build', pattern: 'build-[0-9]+', kind: 'secret' }] }),
    );
    const flags = ['--format', 'otlp', '--redact-rules', rules, '--threads', '3'];
    const { code, stdout } = await run('export', '--all', ...flags);
    expect(code).toBe(0);
    expect(stdout).toContain('curl -H');
    expect(stdout).not.toContain('build-4711');
    expect(stdout).not.toContain(KEY);
  });

  it('counts what is sampled out', async () => {
    const { run } = await measuredStore(...ordinary(8));
    const flags = ['export', '--all', '--sample', 'any-error,ratio=0'];
    const one = await run(...flags, '--threads', '1');
    expect(one.stderr).toContain('sampled out');
    expect(await run(...flags, '--threads', '3')).toEqual(one);
  });

  it('ends quietly when the reader goes away, and with a sentence when it cannot write', async () => {
    const { db, run } = await measuredStore(...ordinary(6));
    const gone = await runCli(['export', '--all', '--threads', '3', '--db', db], {
      onStart: (child) => child.stdout?.destroy(),
    });
    expect(gone.code).toBe(0);
    expect(gone.stderr).not.toMatch(/EPIPE|Error/);
    if (!existsSync('/dev/full')) return;
    const full = await run('export', '--all', '--threads', '3', '--output', '/dev/full');
    expect(full).toMatchObject({
      code: 2,
      stderr: 'agent-strace: cannot write /dev/full: no space is left (ENOSPC)\n',
    });
  });

  it('makes no more spans when it cannot write them', async () => {
    const { run, folder } = await measuredStore(...ordinary(40));
    const [mapper, made] = [join(folder, 'counting.mjs'), join(folder, 'made.txt')];
    writeFileSync(
      mapper,
      `import { appendFileSync } from 'node:fs';
      const text = 'x'.repeat(300_000);
      const span = (name) => ({ type: 'span', name, kind: 0, attributes: { text } });
      export default { name: 'counting', summary: 's', contentDefault: 'none', spanKinds: new Set(),
        operation: () => null,
        root: () => { appendFileSync(${JSON.stringify(made)}, '1'); return span('session'); } };`,
    );
    const rootsMade = async (output: string) => {
      rmSync(made, { force: true });
      const more = ['--mapper', mapper, '--threads', '2', '--output', output];
      const { code } = await run('export', '--all', ...more);
      return [code, readFileSync(made, 'utf8').length] as const;
    };
    expect(await rootsMade(join(folder, 'all.json'))).toEqual([0, 40]);
    if (!existsSync('/dev/full')) return;
    const [code, sessions] = await rootsMade('/dev/full');
    expect([code, sessions < 20]).toEqual([2, true]);
  });

  it('says what is wrong in another thread as it would in the first', async () => {
    const { db, run } = await measuredStore(...ordinary(6));
    const file = new Sqlite(db);
    // Only the session that is written first is whole: the other thread meets the damage.
    file.exec("UPDATE events SET header = 'not JSON' WHERE root <> (SELECT max(root) FROM events)");
    file.close();
    const one = await run('export', '--all', '--threads', '1');
    const three = await run('export', '--all', '--threads', '3');
    for (const { code, stderr } of [one, three] satisfies CliResult[]) {
      expect(code).toBe(3);
      expect(stderr).toMatch(
        /^1 session, \d+ spans written to stdout\ndamaged in the store, so not written or written only in part: .* and 2 more \("agent-strace verify" lists all damage\)\n$/,
      );
    }
  });

  it('leaves a whole document when it is stopped', async () => {
    const { db, folder } = await measuredStore(
      ...Array.from({ length: 8 }, (_, i) => ({ number: i + 1, toolCalls: 2000 })),
    );
    const file = join(folder, 'out.json');
    const unfinished = `${file}.unfinished`;
    const result = await runCli(['export', '--all', '-o', file, '--threads', '2', '--db', db], {
      onStart: (child) => {
        const timer = setInterval(() => {
          if (!existsSync(unfinished) || statSync(unfinished).size === 0) return;
          clearInterval(timer);
          child.kill('SIGINT');
        }, 5);
        child.on('close', () => clearInterval(timer));
      },
    });
    expect(result.code).toBe(130);
    expect(result.stderr).toMatch(/stopped before the end; \d+ not begun/);
    const { resourceSpans } = JSON.parse(readFileSync(file, 'utf8')) as {
      resourceSpans: { scopeSpans: { spans: object[] }[] }[];
    };
    const spans = resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((s) => s.spans));
    expect(result.stderr).toContain(` ${spans.length} spans written`);
  });
});
