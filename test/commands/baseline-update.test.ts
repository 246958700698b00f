import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ordinary, measuredStore as store } from '../support/measured-store.ts';
import { runId } from '../support/recorded-runs.ts';

describe('baseline update', () => {
  it('takes the last N finished sessions, selected by agent, model, project and time, and remembers how', async () => {
    const others = [
      { number: 30, model: 'claude-haiku-4-5' },
      { number: 31, cwd: '/home/dev/blog/' },
      { number: 32, open: true, startMillis: Date.now() - 60_000 },
    ];
    const { run } = await store(...ordinary(10), ...others);
    const shown = async (...args: string[]) => {
      const updated = await run('baseline', 'update', ...args);
      expect(updated.code).toBe(0);
      return JSON.parse((await run('baseline', 'show', '--format', 'json')).stdout) as {
        sessions: number;
        selection: object;
      };
    };
    expect(await shown()).toMatchObject({ sessions: 12, selection: { sessions: 50 } });
    expect(await shown('--sessions', '4')).toMatchObject({ sessions: 4 });
    expect(await shown('--project', 'blog')).toMatchObject({
      sessions: 1,
      selection: { project: 'blog' },
    });
    for (const folder of ['/home/dev/blog', '/home/dev/blog/'])
      expect(await shown('--project', folder)).toMatchObject({ sessions: 1 });
    expect(await shown('--model', 'claude-haiku-4-5')).toMatchObject({ sessions: 1 });
    expect(await shown('--agent', 'claude', '--until', '2026-01-06')).toMatchObject({
      sessions: 5,
      selection: { agent: 'claude', until: '2026-01-06' },
    });
    const other = await run('baseline', 'update', '--project', '/home/other/blog');
    expect(other.code).toBe(2);
    const none = await run('baseline', 'update', '--project', 'nowhere');
    expect(none.code).toBe(2);
    expect(none.stderr).toContain('was not changed');
    expect(JSON.parse((await run('baseline', 'show', '--format', 'json')).stdout)).toMatchObject({
      sessions: 5,
    });
  });

  it('keeps several by name, and forgets one', async () => {
    const { run, check } = await store(...ordinary(7));
    await run('baseline', 'update', '--name', 'nightly');
    expect((await check(runId(3))).code).toBe(2);
    expect((await check(runId(3), '--name', 'nightly', '--threshold', '9')).code).toBe(0);
    expect((await run('baseline', 'reset', '--name', 'nightly')).code).toBe(0);
    expect((await check(runId(3), '--name', 'nightly')).code).toBe(2);
    expect((await run('baseline', 'reset', '--name', 'nightly')).code).toBe(2);
  });

  it('carries into CI as a file without a store of its own, and refuses one that was tampered with', async () => {
    const home = await store(...ordinary(9));
    const file = join(home.folder, 'baseline.json');
    await home.run('baseline', 'update', '--output', file);
    const ci = await store({ number: 500, toolCalls: 45 });
    expect((await ci.check('--baseline', file, '--threshold', '3')).code).toBe(1);
    const text = readFileSync(file, 'utf8');
    for (const word of ['Do the nightly job', '/home/dev', runId(3)])
      expect(text).not.toContain(word);
    writeFileSync(file, JSON.stringify(JSON.parse(text)));
    expect((await ci.check('--baseline', file, '--threshold', '3')).code).toBe(1);
    for (const damage of [text.replace('"mean": ', '"mean": 1'), text.slice(0, 900), '{}', '']) {
      writeFileSync(file, damage);
      const refused = await ci.check('--baseline', file);
      expect(refused.code).toBe(2);
      expect(refused.stderr).toContain(file);
    }
    expect((await ci.check('--baseline', join(home.folder, 'none.json'))).code).toBe(2);
  });

  it('writes the baseline to stdout for a pipe', async () => {
    const { run } = await store(...ordinary(5));
    const { stdout } = await run('baseline', 'update', '--output', '-');
    expect(JSON.parse(stdout)).toMatchObject({
      format: 'agent-strace.baseline',
      version: 1,
      baseline: { name: 'default' },
    });
  });
});

describe('blast radius', () => {
  it('counts files that shell commands write for certain, in the folder they ran in', async () => {
    const commands = [
      'npm test > out.txt && rm -f old.txt',
      'sed -i s/a/b/ /home/dev/shop/src/file-0.ts',
      'rm $TMP/*',
    ];
    const { run, check } = await store(...ordinary(6), {
      number: 80,
      toolCalls: 2,
      files: 2,
      commands,
    });
    await run('baseline', 'update');
    const { answer } = await check(runId(80), '--metrics', 'blast_radius');
    // Two written, one of them again by sed; out.txt and old.txt beside.
    expect(answer!.metrics[0]!.value).toBe(4);
  });
});

describe('retry rate', () => {
  it('counts the same call again although it succeeded', async () => {
    const commands = ['git status', 'git status', 'git status', 'git log'];
    const { run, check } = await store(...ordinary(6), {
      number: 80,
      toolCalls: 0,
      files: 0,
      commands,
    });
    await run('baseline', 'update');
    const { answer } = await check(runId(80), '--metrics', 'retry_rate');
    expect(answer!.metrics[0]!.value).toBe(0.5);
  });
});
