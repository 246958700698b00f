import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runCli } from '../support/cli.ts';
import { writeExampleStore } from '../support/example-store.ts';
import { type OtlpServer, startOtlpServer } from '../support/otlp-server.ts';
import { temporaryFolder } from '../support/temporary-store.ts';

const SPANS = 22;

async function recorded(): Promise<string> {
  const db = join(temporaryFolder(), 'store.db');
  await writeExampleStore(db);
  return db;
}

async function withServer(
  test: (server: OtlpServer) => Promise<void>,
  options: Parameters<typeof startOtlpServer>[0] = {},
): Promise<void> {
  const server = await startOtlpServer(options);
  try {
    await test(server);
  } finally {
    await server.close();
  }
}

describe('delivery', () => {
  it('sends a second time only what is not there yet, unless forced', async () => {
    const db = await recorded();
    await withServer(async (server) => {
      const send = (...more: string[]) =>
        runCli(['export', '--endpoint', server.url, '--db', db, ...more]);
      expect((await send()).stderr).toContain(`${SPANS} spans of 1 session accepted`);
      const again = await send('--content', 'redacted');
      expect(again.code).toBe(0);
      expect(again.stderr).toContain('1 delivered before');
      expect(again.stderr).toContain('content differs from the first sending');
      expect(server.requests).toHaveLength(1);
      await send('--force');
      expect(server.copies()).toEqual({ equal: SPANS, differing: 0 });
    });
  });

  it('retries what a server asks to be retried', async () => {
    const db = await recorded();
    await withServer(async (server) => {
      server.failNext(
        { status: 503, headers: { 'retry-after': '0' } },
        { connection: 'reset-mid-body' },
        { connection: 'reset-after-body' },
      );
      const result = await runCli(['export', '--endpoint', server.url, '--db', db]);
      expect(result.code).toBe(0);
      expect(server.stored().size).toBe(SPANS);
      expect(server.copies()).toEqual({ equal: SPANS, differing: 0 });
      expect(result.stderr).toContain('2 answers lost');
    });
  });

  it('gives up within its budget, keeps its place and completes with the next run', async () => {
    const db = await recorded();
    const free = await startOtlpServer();
    const { port } = free;
    await free.close();
    const endpoint = `http://127.0.0.1:${port}`;
    const down = await runCli([
      'export',
      '--endpoint',
      endpoint,
      '--retry-for',
      '300ms',
      '--batch-size',
      '5',
      '--db',
      db,
    ]);
    expect(down.code).toBe(3);
    expect(down.stderr).toContain('ECONNREFUSED');
    const server = await startOtlpServer({ port });
    expect((await runCli(['export', '--endpoint', endpoint, '--db', db])).code).toBe(0);
    expect(server.stored().size).toBe(SPANS);
    await server.close();
  });

  it('loses one span when one is refused, and names it', async () => {
    const db = await recorded();
    await withServer(
      async (server) => {
        const result = await runCli(['export', '--endpoint', server.url, '--db', db]);
        expect(result.code).toBe(3);
        expect(server.stored().size).toBe(SPANS - 1);
        expect(result.stderr).toMatch(
          /span [0-9a-f]{16} \(gen_ai\.tool\.call\/Edit\) refused with HTTP 400/,
        );
      },
      { refuseSpan: (span) => span.name === 'gen_ai.tool.call/Edit' },
    );
  });

  it('reports a partial success, counts it and never sends it again', async () => {
    const db = await recorded();
    await withServer(async (server) => {
      server.failNext({ partial: { rejected: 3, message: 'too many attributes' } });
      const result = await runCli(['export', '--endpoint', server.url, '--db', db]);
      expect(result.code).toBe(3);
      expect(result.stderr).toContain('3 rejected by the server');
      expect(result.stderr).toContain('too many attributes');
      const again = await runCli(['export', '--endpoint', server.url, '--db', db]);
      expect(again.code).toBe(0);
      expect(server.requests).toHaveLength(1);
    });
  });

  it('stops sending to a destination that is at fault, and puts no header value in any message', async () => {
    const db = await recorded();
    await withServer(async (server) => {
      server.failNext({ status: 401, body: 'who are you?' });
      const result = await runCli([
        'export',
        '--endpoint',
        server.url,
        '--header',
        'x-api-key: hush-hush-1234',
        '--db',
        db,
      ]);
      expect(result.code).toBe(3);
      expect(result.stderr).toContain('401');
      expect(result.stderr + result.stdout).not.toContain('hush-hush');
      expect(server.requests[0]!.headers['x-api-key']).toBe('hush-hush-1234');
      expect((await runCli(['export', '--endpoint', server.url, '--db', db])).stderr).toContain(
        `${SPANS} spans`,
      );
    });
  });

  it('does not mistake a login page for an answer', async () => {
    const db = await recorded();
    await withServer(async (server) => {
      server.failNext({
        status: 200,
        body: '<html><title>Sign in</title></html>',
        headers: { 'content-type': 'text/html' },
      });
      const result = await runCli(['export', '--endpoint', server.url, '--db', db]);
      expect(result.code).toBe(3);
      expect(result.stderr).toMatch(/the answer is not OTLP/);
    });
  });

  it('serves several destinations, each with its own headers and its own outcome', async () => {
    const db = await recorded();
    await withServer(async (good) => {
      await withServer(async (bad) => {
        bad.failNext({ status: 403 });
        const result = await runCli([
          'export',
          '--db',
          db,
          '--endpoint',
          good.url,
          '--header',
          'x-one: 1',
          '--endpoint',
          bad.url,
          '--header',
          'x-two: 2',
        ]);
        expect(result.code).toBe(3);
        expect(good.stored().size).toBe(SPANS);
        expect(good.requests[0]!.headers).toMatchObject({ 'x-one': '1' });
        expect(good.requests[0]!.headers['x-two']).toBeUndefined();
        expect(bad.requests[0]!.headers).toMatchObject({ 'x-two': '2' });
      });
    });
  });

  it('sends nothing because of the environment alone, and says how to send', async () => {
    const db = await recorded();
    await withServer(async (server) => {
      const env = { OTEL_EXPORTER_OTLP_ENDPOINT: server.url };
      const result = await runCli(['export', '--db', db], { env });
      expect(result.stderr).toContain('add --backend otlp to send there');
      expect(server.requests).toHaveLength(0);
      expect((await runCli(['export', '--backend', 'otlp', '--db', db], { env })).code).toBe(0);
      expect(server.stored().size).toBe(SPANS);
    });
  });

  it('sends JSON that the strictest receiver takes, when asked to', async () => {
    const db = await recorded();
    await withServer(async (server) => {
      expect(
        (
          await runCli([
            'export',
            '--endpoint',
            server.url,
            '--protocol',
            'http/json',
            '--format',
            'otlp',
            '--db',
            db,
          ])
        ).code,
      ).toBe(0);
      expect(server.requests[0]!.contentType).toBe('application/json');
      expect(server.stored().size).toBeGreaterThan(8);
    });
  });
});
