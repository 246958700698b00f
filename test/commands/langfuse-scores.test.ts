import { afterEach, describe, expect, it } from 'vitest';
import { RECORDED_SESSION, type runCli } from '../support/cli.ts';
import { langfuseProject } from '../support/langfuse-project.ts';
import type { LangfuseServer } from '../support/langfuse-server.ts';

let langfuse: LangfuseServer;
afterEach(() => langfuse?.close());

async function project(...args: Parameters<typeof langfuseProject>) {
  const made = await langfuseProject(...args);
  langfuse = made.langfuse;
  return made;
}

async function toolCallId(run: (...args: string[]) => ReturnType<typeof runCli>): Promise<string> {
  const shown = JSON.parse((await run('show', '--json')).stdout) as {
    operations: { kind: string; id: string }[];
  };
  return shown.operations.find(({ kind }) => kind === 'tool_call')!.id;
}

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
    expect(changed.stderr).toContain('1 score of 1 session accepted');
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

  it('are sent without secrets, and without comments where no content is sent', async () => {
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
    expect(result.stderr).toContain('1 score of 1 session accepted');
    expect(result.stderr).toContain(wrong.id);
    expect(result.stderr).toContain('no such config');
    const before = langfuse.requests.length;
    expect((await send('--scores')).code).toBe(0);
    expect(langfuse.requests).toHaveLength(before);
  });

  it('are sent one by one to servers that do not accept arrays', async () => {
    const { run, send } = await project({ arrays: false });
    for (const name of ['a', 'b', 'c'])
      await run('score', RECORDED_SESSION, '--name', name, '--value', '1');
    const result = await send('--scores');
    expect(result.code).toBe(0);
    expect(langfuse.scores.size).toBe(3);
  });

  it.each([
    ['usage is suspended', { status: 403, body: { message: 'usage is suspended' } }],
    [
      'perhaps a login page',
      { status: 200, headers: { 'content-type': 'text/html' }, body: '<html>' },
    ],
  ])('that could not be sent go with the next run (%s)', async (said, answer) => {
    const { run, send } = await project();
    await run('score', RECORDED_SESSION, '--name', 'helpful', '--value', '1');
    langfuse.force('/api/public/scores', answer);
    const failed = await send('--scores');
    expect(failed.code).toBe(3);
    expect(failed.stderr).toContain(said);
    expect(langfuse.scores.size).toBe(0);
    const next = await send('--scores');
    expect(next.code).toBe(0);
    expect(langfuse.scores.size).toBe(1);
  });

  it('need a destination', async () => {
    const { run } = await project();
    const result = await run('export', '--scores');
    expect(result.code).toBe(2);
    expect(result.stderr).toContain('--backend');
    expect(result.stdout).toBe('');
  });
});
