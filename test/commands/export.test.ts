import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { recordSessions, sessionIdOf } from '../delivery/many-sessions.ts';
import { RECORDED_SESSION, runCli } from '../support/cli.ts';
import { writeExampleStore } from '../support/example-store.ts';
import { startOtlpServer } from '../support/otlp-server.ts';
import { temporaryFolder } from '../support/temporary-store.ts';

interface Span {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  kind: number;
  startTimeUnixNano: string;
  endTimeUnixNano: string;
  status?: { code: number; message?: string };
  attributes: { key: string; value: Record<string, unknown> }[];
  events?: { name: string }[];
}

async function recorded(): Promise<string> {
  const db = join(temporaryFolder(), 'store.db');
  await writeExampleStore(db);
  return db;
}

function spansOf(text: string): Span[] {
  const document = JSON.parse(text) as { resourceSpans: { scopeSpans: { spans: Span[] }[] }[] };
  return document.resourceSpans
    .flatMap((resource) => resource.scopeSpans)
    .flatMap((scope) => scope.spans);
}

const attributeOf = (span: Span, key: string) =>
  Object.values(span.attributes.find((attribute) => attribute.key === key)?.value ?? {})[0];

describe('export to stdout and files', () => {
  it('writes the whole payload and nothing else', async () => {
    const result = await runCli(['export', '--db', await recorded()]);
    expect(result.code).toBe(0);
    const spans = spansOf(result.stdout);
    expect(spans.length).toBe(22);
    expect(new Set(spans.map((span) => span.traceId))).toEqual(
      new Set([RECORDED_SESSION.replaceAll('-', '')]),
    );
    expect(result.stderr).toContain('22 spans written to stdout');
  });

  it('nests turns, calls and the subagent under the call that started it', async () => {
    const spans = spansOf((await runCli(['export', '--db', await recorded()])).stdout);
    const byId = new Map(spans.map((span) => [span.spanId, span]));
    const named = (name: string) => spans.find((span) => span.name === name)!;
    const root = named('invoke_agent claude-code');
    expect(root.parentSpanId).toBeUndefined();
    const subagent = named('invoke_agent explorer');
    expect(byId.get(subagent.parentSpanId!)!.name).toBe('gen_ai.tool.call/Agent');
    const inner = spans
      .filter((span) => span.parentSpanId === subagent.spanId)
      .map((span) => span.name);
    expect(inner).toEqual([
      'gen_ai.client.operation',
      'gen_ai.tool.call/Read',
      'gen_ai.client.operation',
    ]);
    const turn = byId.get(named('gen_ai.tool.call/Edit').parentSpanId!)!;
    expect(turn).toMatchObject({ name: 'agent.turn', parentSpanId: root.spanId });
    const failed = spans.filter((span) => span.status?.code === 2);
    expect(failed.map((span) => [span.name, span.events?.[0]?.name])).toEqual([
      ['gen_ai.tool.call/Bash', 'exception'],
    ]);
  });

  it('keeps text out of the GenAI trace unless it is asked for, and secrets even then', async () => {
    const db = await recorded();
    const none = (await runCli(['export', '--db', db])).stdout;
    expect(none).not.toContain('off by one cent');
    expect(none).not.toContain('"/home/dev');
    const redacted = (await runCli(['export', '--content', 'redacted', '--db', db])).stdout;
    expect(redacted).toContain('off by one cent');
    expect(redacted).not.toContain('/home/dev/');
    const byVariable = await runCli(['export', '--db', db], {
      env: { OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT: 'true' },
    });
    expect(byVariable.stdout).toBe(redacted);
  });

  it('is byte-identical every time, and the same at a receiver', async () => {
    const db = await recorded();
    const first = (await runCli(['export', '--db', db])).stdout;
    expect((await runCli(['export', RECORDED_SESSION.slice(0, 6), '--db', db])).stdout).toBe(first);
    const server = await startOtlpServer();
    expect((await runCli(['export', '--endpoint', server.url, '--db', db])).code).toBe(0);
    expect([...server.stored().keys()].sort()).toEqual(
      spansOf(first)
        .map((span) => span.spanId)
        .sort(),
    );
    expect((await runCli(['export', '--db', db])).stdout).toBe(first);
    await server.close();
  });

  it('writes files, JSON Lines by flag or name, and refuses a place that cannot be written', async () => {
    const db = await recorded();
    const folder = temporaryFolder();
    const file = join(folder, 'trace.jsonl');
    expect(await runCli(['export', '--all', '-o', file, '--db', db])).toMatchObject({
      code: 0,
      stdout: '',
    });
    expect(readFileSync(file, 'utf8').trim().split('\n')).toHaveLength(1);
    const stdout = await runCli([
      'export',
      '--output',
      '-',
      '--endpoint',
      'http://127.0.0.1:1',
      '--db',
      db,
    ]);
    expect(stdout.code).toBe(0);
    expect(spansOf(stdout.stdout)).toHaveLength(22);
    const refused = await runCli([
      'export',
      '-o',
      join(folder, 'no', 'such', 'folder.json'),
      '--db',
      db,
    ]);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toMatch(
      /^agent-strace: cannot write .*folder\.json: its folder does not exist \(ENOENT\)\n$/,
    );
  });

  it('says how a file becomes a module if a mapper was not loaded as one', async () => {
    const mapper = join(temporaryFolder(), 'words.cjs');
    writeFileSync(mapper, 'export default {};');
    const { code, stderr } = await runCli(['export', '--mapper', mapper, '--db', await recorded()]);
    expect(code).toBe(2);
    expect(stderr).toContain('a module must end in .mjs');
    const missing = await runCli(['export', '--mapper', 'nowhere.mjs', '--db', await recorded()]);
    expect(missing.stderr).toMatch(/nowhere\.mjs could not be loaded: it does not exist\.\n$/);
  });

  it('ends quietly when the reader goes away', async () => {
    const result = await runCli(['export', '--db', await recorded()], {
      onStart: (child) => child.stdout?.destroy(),
    });
    expect(result.code).toBe(0);
    expect(result.stderr).not.toMatch(/EPIPE|Error/);
  });

  it('carries service name, run id and attributes, flags over environment', async () => {
    const db = await recorded();
    const { stdout } = await runCli(
      [
        'export',
        '--db',
        db,
        '--service-name',
        'shop',
        '--resource-attribute',
        'tenant=acme',
        '--resource-attribute',
        'run_id=nightly-7',
        '--attribute',
        'team=checkout',
      ],
      {
        env: {
          OTEL_SERVICE_NAME: 'ignored',
          OTEL_RESOURCE_ATTRIBUTES: 'region=eu%2Dwest,tenant=other,db.password=sunshine-blue1',
        },
      },
    );
    const resource = (
      JSON.parse(stdout) as { resourceSpans: { resource: { attributes: Span['attributes'] } }[] }
    ).resourceSpans[0]!.resource;
    const attributes = Object.fromEntries(
      resource.attributes.map(({ key, value }) => [key, value['stringValue']]),
    );
    expect(attributes).toEqual({
      'service.name': 'shop',
      region: 'eu-west',
      tenant: 'acme',
      run_id: 'nightly-7',
      'db.password': expect.stringMatching(/^\[secret-value:/),
    });
    const spans = spansOf(stdout);
    expect(spans.every((span) => attributeOf(span, 'team') === 'checkout')).toBe(true);
    expect(attributeOf(spans.at(-1)!, 'agent_strace.run_id')).toBe('nightly-7');
  });

  it('writes the plain vocabulary with the conversation on the root', async () => {
    const spans = spansOf(
      (await runCli(['export', '--format', 'otlp', '--db', await recorded()])).stdout,
    );
    const root = spans.at(-1)!;
    expect(root.name).toBe('agent-session (claude-code)');
    expect(attributeOf(root, 'agent.outcome')).toBe('success');
    expect(attributeOf(root, 'run_id')).toBe(RECORDED_SESSION);
    expect(root.events!.filter((event) => event.name === 'user_prompt')).toHaveLength(2);
    const bash = spans.find((span) => span.name === 'tool/Bash' && span.status?.code === 2)!;
    expect(attributeOf(bash, 'tool.status')).toBe('error');
    expect(String(attributeOf(bash, 'tool.output'))).toContain('1 failing');
  });

  it.each([
    ['latest', true],
    ['dual', true],
    ['legacy', false],
  ])('names the schema only where its names are written (--semconv %s)', async (semconv, named) => {
    const flags = ['--format', 'otlp-genai', '--semconv', semconv];
    const { stdout } = await runCli(['export', ...flags, '--db', await recorded()]);
    expect(stdout.includes('"schemaUrl"')).toBe(named);
    expect(stdout.includes('"gen_ai.provider.name"')).toBe(named);
  });

  it('continues a session that was started with older names without the schema, beside others with it', async () => {
    const db = join(temporaryFolder(), 'store.db');
    recordSessions(db, 2, 30);
    const server = await startOtlpServer({
      fault: ({ number }) => (number === 2 ? { status: 401 } : undefined),
    });
    const send = (...more: string[]) =>
      runCli(['export', ...more, '--endpoint', server.url, '--batch-size', '20', '--db', db]);
    try {
      expect((await send(sessionIdOf(1), '--semconv', 'legacy')).code).toBe(3);
      const { code, stderr } = await send('--all');
      expect(code, stderr).toBe(0);
      const schemas = (session: number) =>
        server
          .spans()
          .filter(({ traceId }) => traceId === sessionIdOf(session).replaceAll('-', ''))
          .map(({ scope }) => scope.schemaUrl !== '');
      expect(schemas(0)).toEqual(Array.from({ length: 32 }, () => true));
      expect(schemas(1)).toEqual(Array.from({ length: 32 }, () => false));
    } finally {
      await server.close();
    }
  });

  it('puts the root under a given context', async () => {
    const context = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const spans = spansOf(
      (await runCli(['export', '--traceparent', context, '--db', await recorded()])).stdout,
    );
    expect(new Set(spans.map((span) => span.traceId))).toEqual(
      new Set(['0af7651916cd43dd8448eb211c80319c']),
    );
    expect(spans.at(-1)!.parentSpanId).toBe('b7ad6b7169203331');
  });

  it('says what is wrong with the selection', async () => {
    const db = await recorded();
    const unknown = await runCli(['export', 'feedbeef', '--db', db]);
    expect(unknown).toMatchObject({ code: 2, stdout: '' });
    expect(unknown.stderr).toContain(RECORDED_SESSION);
    expect((await runCli(['export', '--since', 'yesterday', '--db', db])).stderr).toMatch(
      /--since "yesterday": it must be a date/,
    );
    expect((await runCli(['export', '--since', '999999999d', '--db', db])).stderr).toMatch(
      /^agent-strace: --since "999999999d": it must be a date/,
    );
    const window = await runCli([
      'export',
      '--since',
      '2026-03-14',
      '--until',
      '2026-03-14',
      '--db',
      db,
    ]);
    expect(spansOf(window.stdout)).toHaveLength(22);
    expect(window.stderr).toContain(
      'from 2026-03-14T00:00:00.000Z on and before 2026-03-15T00:00:00.000Z',
    );
    const none = await runCli(['export', '--until', '2026-03-13', '--db', db]);
    expect(none).toMatchObject({ code: 0, stdout: '{"resourceSpans":[]}\n' });
    expect((await runCli(['export', '--no-such-flag', '--db', db])).code).toBe(2);
  });

  it('uses the user’s own mapper', async () => {
    const folder = temporaryFolder();
    const file = join(folder, 'mapper.mjs');
    writeFileSync(
      file,
      `export default { name: 'mine', summary: 's', contentDefault: 'none', spanKinds: new Set(['tool_call']),
        operation: (op) => op.kind === 'tool_call' ? { type: 'span', name: 'mine ' + op.name, kind: 0, attributes: {} } : null,
        root: () => ({ type: 'span', name: 'mine', kind: 0, attributes: {} }) };`,
    );
    const db = await recorded();
    const spans = spansOf((await runCli(['export', '--mapper', file, '--db', db])).stdout);
    expect(spans.map((span) => span.name)).toContain('mine Edit');
    writeFileSync(join(folder, 'bad.mjs'), 'export default 5;');
    const bad = await runCli(['export', '--mapper', join(folder, 'bad.mjs'), '--db', db]);
    expect(bad.code).toBe(2);
    expect(bad.stderr).toMatch(/The mapper .*bad\.mjs must export/);
  });
});
