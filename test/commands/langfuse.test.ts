import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { RECORDED_SESSION, RECORDINGS, runCli } from '../support/cli.ts';
import {
  type LangfuseServer,
  type LangfuseServerOptions,
  PUBLIC_KEY,
  SECRET_KEY,
  startLangfuse,
} from '../support/langfuse-server.ts';
import { temporaryFolder } from '../support/temporary-store.ts';

const TRACE = RECORDED_SESSION.replaceAll('-', '');
const KEYS = { LANGFUSE_PUBLIC_KEY: PUBLIC_KEY, LANGFUSE_SECRET_KEY: SECRET_KEY };

let langfuse: LangfuseServer;
afterEach(() => langfuse?.close());

/** A store with the recorded session, and a Langfuse; `run` is a person with the usual variables set. */
async function project(options: LangfuseServerOptions = {}, env: Record<string, string> = {}) {
  const db = join(temporaryFolder(), 'store.db');
  langfuse = await startLangfuse(options);
  await runCli(['import', RECORDINGS, '--db', db]);
  const variables = { ...KEYS, LANGFUSE_BASE_URL: langfuse.url, ...env };
  const run = (...args: string[]) => runCli([...args, '--db', db], { env: variables });
  const send = (...args: string[]) => run('export', '--backend', 'langfuse', ...args);
  return { db, run, send };
}

async function toolCallId(run: (...args: string[]) => ReturnType<typeof runCli>): Promise<string> {
  const shown = JSON.parse((await run('show', '--json')).stdout) as {
    operations: { kind: string; id: string }[];
  };
  return shown.operations.find(({ kind }) => kind === 'tool_call')!.id;
}

describe('a session in Langfuse', () => {
  it('is a trace whose observations have the types that its views are made of', async () => {
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
      expect(model).toBeTruthy();
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
    expect(trace!.root?.input).toBeTruthy();
    expect(trace!.root?.output).toBeTruthy();
    const failed = trace!.observations.filter(({ level }) => level === 'ERROR');
    expect(failed.map(({ type }) => type)).toContain('tool');
    for (const { statusMessage } of failed) expect(statusMessage).toBeTruthy();
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

  it('refuses --langfuse-host for somebody else', async () => {
    const { run } = await project();
    const result = await run('export', '--backend', 'jaeger', '--langfuse-host', langfuse.url);
    expect(result.code).toBe(2);
    expect(result.stderr).toContain('--langfuse-host belongs to --backend langfuse');
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

describe('scores in Langfuse', () => {
  it('arrive with their types on the trace and on the observation they are about', async () => {
    const { run, send } = await project();
    const operation = await toolCallId(run);
    await run(
      'score',
      RECORDED_SESSION,
      '--name',
      'helpful',
      '--value',
      '0.25',
      '--comment',
      'slow',
    );
    await run('score', RECORDED_SESSION, '--name', 'passed', '--value', 'true', '--source', 'eval');
    await run(
      'score',
      RECORDED_SESSION,
      '--name',
      'quality',
      '--label',
      'good',
      '--operation',
      operation,
    );
    await run(
      'score',
      RECORDED_SESSION,
      '--name',
      'notes',
      '--label',
      'long words',
      '--type',
      'text',
    );
    const result = await send('--scores');
    expect(result.code).toBe(0);
    expect(result.stderr).toContain('4 scores of 1 session accepted');
    const [trace] = langfuse.traces();
    const byName = Object.fromEntries(trace!.scores.map((score) => [score['name'], score]));
    expect(byName).toMatchObject({
      helpful: { value: 0.25, dataType: 'NUMERIC', comment: 'slow', metadata: { source: 'human' } },
      passed: { value: 1, dataType: 'BOOLEAN', metadata: { source: 'eval' } },
      quality: { value: 'good', dataType: 'CATEGORICAL', observationId: operation },
      notes: { value: 'long words', dataType: 'TEXT' },
    });
    expect(byName['helpful']).not.toHaveProperty('observationId');
    expect(trace!.observations.find(({ id }) => id === operation)?.type).toBe('tool');
  });

  it('are sent once, again when they change, and all with --force', async () => {
    const { run, send } = await project();
    await run('score', RECORDED_SESSION, '--name', 'helpful', '--value', '0.25');
    await run('score', RECORDED_SESSION, '--name', 'passed', '--value', 'true');
    await send('--scores');
    const [first] = [...langfuse.scores.keys()];
    const before = langfuse.requests.length;
    await run('score', RECORDED_SESSION, '--name', 'helpful', '--value', '0.25');
    await send('--scores');
    expect(langfuse.requests).toHaveLength(before);
    await run('score', RECORDED_SESSION, '--name', 'helpful', '--value', '0.75');
    const changed = await send('--scores');
    expect(changed.stderr).toContain('1 scores of 1 session accepted');
    expect(langfuse.scores.size).toBe(2);
    expect([...langfuse.scores.values()].find(({ name }) => name === 'helpful')).toMatchObject({
      value: 0.75,
    });
    expect([...langfuse.scores.keys()]).toContain(first);
    const forced = await send('--scores', '--force');
    expect(forced.stderr).toContain('2 scores of 1 session accepted');
  });

  it('go under the trace id that the session was sent with', async () => {
    const { run, send } = await project();
    const given = '0af7651916cd43dd8448eb211c80319c';
    await send('--traceparent', `00-${given}-b7ad6b7169203331-01`);
    await run('score', RECORDED_SESSION, '--name', 'helpful', '--value', '1');
    await send('--scores');
    expect([...langfuse.scores.values()][0]).toMatchObject({ traceId: given });
    expect(langfuse.traces()).toHaveLength(1);
  });

  it('leave without secrets, and without comments where no content leaves', async () => {
    const { run, send } = await project();
    const secret = 'ghp_16C7e42F292c6912E7710c838347Ae178B4a';
    await run(
      'score',
      RECORDED_SESSION,
      '--name',
      'helpful',
      '--value',
      '1',
      '--comment',
      `token ${secret}`,
    );
    await send('--scores', '--content', 'none');
    expect([...langfuse.scores.values()][0]).not.toHaveProperty('comment');
    await send('--scores', '--force', '--content', 'redacted');
    const { comment } = [...langfuse.scores.values()][0] as { comment: string };
    expect(comment).toContain('token ');
    expect(comment).not.toContain(secret);
  });

  it('wait as long as the server asks, and are all there in the end', async () => {
    const { run, send } = await project();
    await run('score', RECORDED_SESSION, '--name', 'helpful', '--value', '1');
    langfuse.force('/api/public/scores', { status: 429, headers: { 'retry-after': '1' } });
    const result = await send('--scores');
    expect(result.code).toBe(0);
    expect(langfuse.requests.filter((line) => line.includes('/scores'))).toEqual([
      'POST /api/public/scores 429',
      'POST /api/public/scores 200',
    ]);
    expect(langfuse.scores.size).toBe(1);
  });

  it('that are refused in a 207 are named with exit 3; the others count and none is tried for ever', async () => {
    const { run, send } = await project();
    await run('score', RECORDED_SESSION, '--name', 'helpful', '--value', '1');
    await run('score', RECORDED_SESSION, '--name', 'wrong', '--value', '2');
    const { stdout } = await run('score', 'list', '--json');
    const wrong = (JSON.parse(stdout) as { id: string; name: string }[]).find(
      ({ name }) => name === 'wrong',
    )!;
    langfuse.force('/api/public/scores', {
      status: 207,
      body: {
        accepted: 1,
        rejected: 1,
        errors: [{ id: wrong.id, status: 400, message: 'no such config' }],
      },
    });
    const result = await send('--scores');
    expect(result.code).toBe(3);
    expect(result.stderr).toContain('1 scores of 1 session accepted');
    expect(result.stderr).toContain(wrong.id);
    expect(result.stderr).toContain('no such config');
    const before = langfuse.requests.length;
    expect((await send('--scores')).code).toBe(0);
    expect(langfuse.requests).toHaveLength(before);
  });

  it('reach servers that know no arrays one by one', async () => {
    const { run, send } = await project({ arrays: false });
    for (const name of ['a', 'b', 'c'])
      await run('score', RECORDED_SESSION, '--name', name, '--value', '1');
    const result = await send('--scores');
    expect(result.code).toBe(0);
    expect(langfuse.scores.size).toBe(3);
  });

  it('that could not be sent go with the next run', async () => {
    const { run, send } = await project();
    await run('score', RECORDED_SESSION, '--name', 'helpful', '--value', '1');
    langfuse.force('/api/public/scores', { status: 403, body: { message: 'usage is suspended' } });
    const failed = await send('--scores');
    expect(failed.code).toBe(3);
    expect(failed.stderr).toContain('usage is suspended');
    expect(langfuse.scores.size).toBe(0);
    const next = await send('--scores');
    expect(next.code).toBe(0);
    expect(langfuse.scores.size).toBe(1);
  });

  it('need somewhere to go', async () => {
    const { run } = await project();
    const result = await run('export', '--scores');
    expect(result.code).toBe(2);
    expect(result.stderr).toContain('--backend');
    expect(result.stdout).toBe('');
  });
});
