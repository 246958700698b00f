import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runCli } from '../support/cli.ts';
import { type RunSketch, runId, writeRun } from '../support/recorded-runs.ts';
import { temporaryFolder } from '../support/temporary-store.ts';

interface Checked {
  readonly session: string;
  readonly verdict: string;
  readonly exit_code: number;
  readonly excluded_itself: boolean;
  readonly metrics: readonly {
    readonly metric: string;
    readonly verdict: string;
    readonly reason: string | null;
    readonly value: number | null;
    readonly n: number;
    readonly mean: number | null;
    readonly sd: number | null;
    readonly z: number | null;
  }[];
}

/** Ordinary runs that vary a little, numbered from 1. */
function ordinary(count: number, from = 1): RunSketch[] {
  return Array.from({ length: count }, (_, i) => ({
    number: from + i,
    toolCalls: 5 + (i % 3),
    seconds: 55 + 5 * (i % 4),
    outputTokens: 900 + 60 * (i % 5),
    errors: i % 4 === 0 ? 1 : 0,
  }));
}

async function store(...runs: RunSketch[]) {
  const folder = temporaryFolder();
  const db = join(temporaryFolder(), 'store.db');
  for (const sketch of runs) writeRun(folder, sketch);
  if (runs.length > 0) await runCli(['import', folder, '--db', db]);
  const run = (...args: string[]) => runCli([...args, '--db', db]);
  const check = async (...args: string[]) => {
    const result = await run('baseline', 'check', ...args, '--format', 'json');
    return {
      code: result.code,
      stderr: result.stderr,
      ...(result.stdout === '' ? {} : { answer: JSON.parse(result.stdout) as Checked }),
    };
  };
  return { db, folder, run, check };
}

describe('baseline check', () => {
  it('passes an ordinary run and flags one that ran away, naming what was out of the ordinary', async () => {
    const runaway = { number: 99, toolCalls: 40, seconds: 900, outputTokens: 20_000, files: 30 };
    const { run, check } = await store(...ordinary(20), runaway);
    await run('baseline', 'update', '--until', '2026-01-21');
    const fine = await check(runId(10), '--threshold', '3');
    expect(fine.code).toBe(0);
    expect(fine.answer).toMatchObject({ verdict: 'inside', exit_code: 0 });
    const bad = await check(runId(99), '--threshold', '3');
    expect(bad.code).toBe(1);
    expect(bad.answer).toMatchObject({ session: runId(99), verdict: 'anomalous', exit_code: 1 });
    const flagged = bad
      .answer!.metrics.filter(({ verdict }) => verdict === 'anomalous')
      .map(({ metric }) => metric);
    expect(flagged).toEqual(['cost_usd', 'duration_s', 'tool_calls', 'blast_radius']);
  });

  it('answers by arithmetic anyone can repeat: z = (value − mean) / sd over the others', async () => {
    const runs = [4, 6, 8, 6, 5, 7, 20].map((toolCalls, i) => ({ number: i + 1, toolCalls }));
    const { run, check } = await store(...runs);
    await run('baseline', 'update');
    const { answer } = await check(runId(7), '--metrics', 'tool_calls');
    const others = [4, 6, 8, 6, 5, 7];
    const mean = others.reduce((a, b) => a + b) / 6;
    const sd = Math.sqrt(others.reduce((sum, x) => sum + (x - mean) ** 2, 0) / 5);
    expect(answer!.excluded_itself).toBe(true);
    const [checked] = answer!.metrics;
    expect(checked).toMatchObject({ metric: 'tool_calls', value: 20, n: 6 });
    expect(checked!.mean).toBeCloseTo(mean, 12);
    expect(checked!.sd).toBeCloseTo(sd, 12);
    expect(checked!.z).toBeCloseTo((20 - mean) / sd, 9);
  });

  it('judges the latest run where none is named, and finds one by the beginning of its id', async () => {
    const { run, check } = await store(...ordinary(8), { number: 700 });
    await run('baseline', 'update');
    expect((await check('--threshold', '9')).answer?.session).toBe(runId(700));
    const shared = await check('00000000-0000-4000-8000-0000000000');
    expect(shared).toMatchObject({ code: 2 });
    expect(shared.stderr).toContain('fits more than one session');
  });

  it('has a floor where nothing ever varied: one call more is flagged, a hair is not', async () => {
    const same = Array.from({ length: 8 }, (_, i) => ({ number: i + 1, toolCalls: 10 }));
    const { run, check } = await store(
      ...same,
      { number: 50, toolCalls: 11 },
      { number: 51, toolCalls: 10 },
    );
    await run('baseline', 'update', '--until', '2026-01-09');
    expect((await check(runId(50), '--metrics', 'tool_calls', '--threshold', '3')).code).toBe(1);
    expect((await check(runId(51), '--metrics', 'tool_calls', '--threshold', '3')).code).toBe(0);
  });

  it('flags upwards only, or by median and MAD, when asked to', async () => {
    const wild = { number: 40, toolCalls: 200 };
    const idle = { number: 60, toolCalls: 0, files: 0 };
    const { run, check } = await store(...ordinary(12), wild, idle, { number: 61, toolCalls: 30 });
    await run('baseline', 'update', '--until', '2026-02-15');
    const options = ['--metrics', 'tool_calls', '--threshold', '3'];
    expect((await check(runId(61), ...options)).code).toBe(0);
    expect((await check(runId(61), ...options, '--robust')).code).toBe(1);
    expect((await check(runId(60), ...options, '--robust')).code).toBe(1);
    expect((await check(runId(60), ...options, '--robust', '--direction', 'up')).code).toBe(0);
  });

  it('judges each metric by its own number of runs, and says which it could not judge', async () => {
    const talkers = Array.from({ length: 4 }, (_, i) => ({
      number: i + 1,
      toolCalls: 0,
      files: 0,
    }));
    const { run, check } = await store(...talkers, ...ordinary(3, 10));
    await run('baseline', 'update');
    const { answer, code } = await check(runId(10), '--threshold', '9');
    expect(code).toBe(0);
    const byName = Object.fromEntries(answer!.metrics.map((metric) => [metric.metric, metric]));
    expect(byName['tool_calls']).toMatchObject({ n: 6, verdict: 'inside' });
    expect(byName['error_rate']).toMatchObject({
      n: 2,
      verdict: 'not_judged',
      reason: 'few_sessions',
    });
    const silent = await check(runId(1), '--metrics', 'error_rate');
    expect(silent.code).toBe(2);
    expect(silent.answer).toMatchObject({
      verdict: 'not_judged',
      metrics: [{ reason: 'no_value', value: null }],
    });
  });

  it('never takes "could not judge" for a pass', async () => {
    const { run, check } = await store(...ordinary(3));
    const missing = await check(runId(1));
    expect(missing).toMatchObject({ code: 2 });
    expect(missing.stderr).toContain('there is no baseline "default"');
    await run('baseline', 'update');
    const few = await check(runId(1));
    expect(few).toMatchObject({ code: 2, answer: { verdict: 'not_judged', exit_code: 2 } });
    expect((await check('no-such-session')).code).toBe(2);
    expect((await check(runId(1), '--metrics', 'colour')).code).toBe(2);
    expect((await check(runId(1), '--threshold', '0')).code).toBe(2);
    expect((await check(runId(1), '--treshold', '3')).code).toBe(2);
    expect((await run('baseline', 'chek')).code).toBe(2);
    expect((await check(runId(1), '--min-sessions', '2', '--metrics', 'tool_calls', '--threshold', '99')).code).toBe(0);
  });

  it('does not judge a run that is still going, unless told to, and keeps it out of baselines', async () => {
    const open = { number: 90, open: true, startMillis: Date.now() - 100_000 };
    const { run, check } = await store(...ordinary(6), open);
    const updated = await run('baseline', 'update');
    expect(updated.stderr).toContain('6 sessions');
    const refused = await check(runId(90));
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain('still running');
    expect(
      (await check(runId(90), '--allow-open', '--threshold', '99', '--metrics', 'tool_calls')).code,
    ).toBe(0);
  });

  it('writes every form, and foreign names cannot break out of them', async () => {
    const { run } = await store(...ordinary(8), { number: 77, toolCalls: 60 });
    await run('baseline', 'update', '--name', '<b>"&::warning::');
    const form = (format: string) =>
      run('baseline', 'check', runId(77), '--name', '<b>"&::warning::', '--format', format);
    const text = await form('text');
    expect(text.stdout).toMatch(/Tool calls +60 /);
    expect(text.stdout).toContain('ANOMALOUS');
    const junit = await form('junit');
    expect(junit.stdout).toContain('<failure type="anomalous"');
    expect(junit.stdout).toContain('&lt;b&gt;&quot;&amp;');
    const github = await form('github');
    expect(
      github.stdout
        .split('\n')
        .filter(Boolean)
        .every((line) => line.startsWith('::')),
    ).toBe(true);
    const markdown = await form('markdown');
    expect(markdown.stdout).not.toContain('<b>');
    for (const { code } of [text, junit, github, markdown]) expect(code).toBe(1);
  });
});

describe('baseline update', () => {
  it('takes the last N finished sessions, selected by agent, model, project and time, and remembers how', async () => {
    const others = [
      { number: 30, model: 'claude-haiku-4-5' },
      { number: 31, cwd: '/home/dev/blog' },
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
    expect(await shown('--model', 'claude-haiku-4-5')).toMatchObject({ sessions: 1 });
    expect(await shown('--agent', 'claude', '--until', '2026-01-06')).toMatchObject({
      sessions: 5,
      selection: { agent: 'claude', until: '2026-01-06' },
    });
    const none = await run('baseline', 'update', '--project', 'nowhere');
    expect(none.code).toBe(2);
    expect(none.stderr).toContain('left as it was');
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
