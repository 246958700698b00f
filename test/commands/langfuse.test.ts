import { afterEach, describe, expect, it } from 'vitest';
import { RECORDED_SESSION } from '../support/cli.ts';
import { langfuseProject } from '../support/langfuse-project.ts';
import type { LangfuseServer } from '../support/langfuse-server.ts';

const TRACE = RECORDED_SESSION.replaceAll('-', '');

let langfuse: LangfuseServer;
afterEach(() => langfuse?.close());

async function project(...args: Parameters<typeof langfuseProject>) {
  const made = await langfuseProject(...args);
  langfuse = made.langfuse;
  return made;
}

describe('a session in Langfuse', () => {
  it('is a trace whose observations have the types that its views need', async () => {
    const { send } = await project();
    const sent = await send();
    expect(sent.code).toBe(0);
    expect(langfuse.complaints).toEqual([]);
    const [trace, ...others] = langfuse.traces();
    expect(others).toEqual([]);
    expect(trace).toMatchObject({
      id: TRACE,
      name: 'claude-code session',
      sessions: [RECORDED_SESSION],
    });
    const types: Record<string, number> = {};
    for (const { type } of trace!.observations) types[type] = (types[type] ?? 0) + 1;
    expect(types).toMatchObject({ tool: 7, generation: 10, agent: 2 });
    expect(
      trace!.observations.filter(({ type }) => type === 'tool').map(({ name }) => name),
    ).toContain('Bash');
    for (const { model } of trace!.observations.filter(({ type }) => type === 'generation'))
      expect(model).toMatch(/^claude-/);
    for (const { parentId } of trace!.observations) {
      expect(parentId === '' || trace!.observations.some(({ id }) => id === parentId)).toBe(true);
    }
  });

  it('adds up: tokens and dollars of the trace are those of the session, cached tokens once', async () => {
    const { send, run } = await project();
    await send();
    const [listed] = JSON.parse((await run('list', '--json')).stdout) as {
      usage: { input: number; output: number; cacheRead: number };
      cost_usd: number;
    }[];
    const [trace] = langfuse.traces();
    expect(listed!.usage.cacheRead).toBeGreaterThan(0);
    expect(trace!.tokens).toBe(listed!.usage.input + listed!.usage.output);
    expect(trace!.cost).toBeCloseTo(listed!.cost_usd, 9);
    const cached = trace!.observations.reduce(
      (sum, { usage }) => sum + (usage['input_cached_tokens'] ?? 0),
      0,
    );
    expect(cached).toBe(listed!.usage.cacheRead);
  });

  it('shows its first prompt and last reply on the root, and a failure where it failed', async () => {
    const { send } = await project();
    await send();
    const [trace] = langfuse.traces();
    expect(JSON.stringify(trace!.root?.input)).toContain('The checkout total is off by one cent');
    expect(JSON.stringify(trace!.root?.output)).toContain('Not pushed');
    const failed = trace!.observations.filter(({ level }) => level === 'ERROR');
    expect(failed.map(({ type }) => type)).toContain('tool');
    for (const { statusMessage } of failed) expect(statusMessage).toMatch(/\w/);
  });

  it('carries environment, tags, release and user on every observation, where the filters look', async () => {
    const env = { LANGFUSE_TRACING_ENVIRONMENT: 'Staging EU', LANGFUSE_RELEASE: 'v12' };
    const { send } = await project({}, env);
    await send('--tag', 'nightly', '--attribute', 'user.id=team-a');
    expect(langfuse.rows.length).toBeGreaterThan(10);
    for (const row of langfuse.rows) {
      expect(row).toMatchObject({
        environment: 'staging-eu',
        release: 'v12',
        userId: 'team-a',
        sessionId: RECORDED_SESSION,
      });
      expect(row.tags).toEqual(['claude-code', 'nightly']);
      expect(row.traceName).toBe('claude-code session');
    }
  });

  it('is sent once: a second run has nothing to send and leaves no second row', async () => {
    const { send } = await project();
    await send();
    const rows = langfuse.rows.length;
    const again = await send();
    expect(again).toMatchObject({ code: 0 });
    expect(langfuse.rows).toHaveLength(rows);
    expect(new Set(langfuse.rows.map(({ id }) => id)).size).toBe(rows);
  });

  it('keeps another format where one is asked for', async () => {
    const { send } = await project();
    await send('--format', 'otlp-genai');
    expect(langfuse.traces()[0]!.root?.tags).toEqual([]);
  });
});

describe('access to Langfuse', () => {
  it('names the key that is missing and sends nothing', async () => {
    const { run } = await project({}, { LANGFUSE_SECRET_KEY: '' });
    const result = await run('export', '--scores', '--backend', 'langfuse');
    expect(result.code).toBe(2);
    expect(result.stderr).toContain('LANGFUSE_SECRET_KEY');
    expect(langfuse.requests).toEqual([]);
  });

  it('goes to --langfuse-host, over the variable and under a path', async () => {
    const { run } = await project(
      { base: '/tools/langfuse' },
      { LANGFUSE_BASE_URL: 'http://127.0.0.1:9' },
    );
    await run('score', RECORDED_SESSION, '--name', 'helpful', '--value', '1');
    const result = await run(
      'export',
      '--scores',
      '--backend',
      'langfuse',
      '--langfuse-host',
      `${langfuse.url}/`,
    );
    expect(result.code).toBe(0);
    expect(langfuse.requests).toEqual([
      'POST /tools/langfuse/api/public/otel/v1/traces 200',
      'POST /tools/langfuse/api/public/scores 200',
    ]);
  });

  it('refuses --langfuse-host for another backend', async () => {
    const { run } = await project();
    const result = await run('export', '--backend', 'jaeger', '--langfuse-host', langfuse.url);
    expect(result.code).toBe(2);
    expect(result.stderr).toContain('--langfuse-host needs --backend langfuse');
  });

  it('stops at wrong keys, says so, and never prints them', async () => {
    const { send, run } = await project({}, { LANGFUSE_SECRET_KEY: 'sk-lf-old' });
    await run('score', RECORDED_SESSION, '--name', 'helpful', '--value', '1');
    const result = await send('--scores');
    expect(result.code).toBe(3);
    expect(result.stderr).toContain('HTTP 401');
    expect(result.stderr).not.toContain('sk-lf-old');
    expect(langfuse.scores.size).toBe(0);
  });
});
