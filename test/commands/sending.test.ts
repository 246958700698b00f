import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { recordSessions } from '../delivery/many-sessions.ts';
import { LONG_AGO, record, sessionFacts } from '../delivery/recorded-sessions.ts';
import { runCli } from '../support/cli.ts';
import {
  type OtlpServer,
  type OtlpServerOptions,
  startOtlpServer,
} from '../support/otlp-server.ts';
import { temporaryFolder } from '../support/temporary-store.ts';

const ONE = '0b1e0000-0000-4000-8000-000000000001';
const TWO = '0b1e0000-0000-4000-8000-000000000002';
const PARENT = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

function stored(...sessions: Parameters<typeof sessionFacts>[0][]): string {
  const db = join(temporaryFolder(), 'store.db');
  record(db, ...sessions.flatMap(sessionFacts));
  return db;
}

async function withServer(
  test: (server: OtlpServer) => Promise<void>,
  options: OtlpServerOptions = {},
): Promise<void> {
  const server = await startOtlpServer(options);
  try {
    await test(server);
  } finally {
    await server.close();
  }
}

const spansAt = (server: OtlpServer) => [...server.stored().values()];
const rootAt = (server: OtlpServer) =>
  spansAt(server).find((span) => span.name.startsWith('invoke_agent') || span.parentSpanId === '');

describe('export --dry-run', () => {
  it('says what would be sent, how big it is, and why the rest would not, and changes nothing', async () => {
    const db = stored(
      { id: ONE, calls: [{}, {}] },
      { id: TWO, calls: [{}], atMicros: (Date.now() - 60_000) * 1000, outcome: null },
    );
    await withServer(async (server) => {
      const send = (...more: string[]) =>
        runCli(['export', '--all', '--endpoint', server.url, '--db', db, ...more]);
      const dry = await send('--dry-run', '--json');
      const [report] = JSON.parse(dry.stdout).destinations;
      expect(report).toMatchObject({
        running: [TWO],
        accepted: 0,
        plan: { sessions: 1, requests: 1 },
      });
      expect(server.requests).toHaveLength(0);
      await send();
      const [request] = server.requests;
      expect(report.plan).toMatchObject({
        spans: request!.spans.length,
        bytes: request!.body.length,
      });
      const after = await send('--dry-run');
      expect(after.stderr).toContain('0 spans of 0 sessions would be sent (--dry-run)');
      expect(after.stderr).toContain('1 delivered before');
      expect(after.stderr).toContain(
        `still running, so only what was settled earlier is sent: ${TWO}`,
      );
      record(db, {
        ...sessionFacts({ id: ONE, calls: [] })[0]!,
        kind: 'tool_info',
        eventId: 'late',
        operationKey: 'tool:0',
        atMicros: LONG_AGO + 5,
        facts: { exit_code: 3 },
      });
      expect((await send('--dry-run')).stderr).toContain(`facts came after delivery for ${ONE}`);
      expect((await send('--dry-run', '--force')).stderr).toMatch(
        /\d+ spans of 1 session would be sent/,
      );
      expect(server.requests).toHaveLength(1);
    });
  });

  it('knows how old spans may be at a backend', async () => {
    const db = stored({ id: ONE, calls: [{}] }, { id: TWO, calls: [{}] });
    const env = { NEW_RELIC_LICENSE_KEY: 'license-of-a-test' };
    const args = ['export', '--all', '--backend', 'new-relic', '--dry-run', '--db', db];
    const old = await runCli(args, { env });
    expect(old.stderr).toMatch(
      /2 of 2 sessions have spans older than 20m 00s, .* the oldest is from \d+d \d\dh ago\. --rebase-time now/,
    );
    expect((await runCli([...args, '--rebase-time', 'now'], { env })).stderr).not.toContain(
      'older than',
    );
    const long = stored({ id: ONE, calls: [{}], stepMicros: 3_600_000_000 });
    const still = await runCli([...args.slice(0, -1), long, '--rebase-time', 'now'], { env });
    expect(still.stderr).toMatch(/A session this long cannot be shown there completely/);
    expect(still.stderr + old.stderr).not.toContain('license-of-a-test');
  });
});

describe('what came after delivery', () => {
  it('is reported of an operation that was sent, and not of a session that merely went on', async () => {
    const db = stored({ id: ONE, calls: [{}] });
    const fact = { ...sessionFacts({ id: ONE, calls: [] })[0]!, atMicros: LONG_AGO + 900_000 };
    const tool = (kind: 'tool_call' | 'tool_result' | 'tool_info', eventId: string, n: number) =>
      record(db, { ...fact, kind, eventId, operationKey: `tool:${n}`, facts: {} });
    await withServer(async (server) => {
      const send = async () =>
        (await runCli(['export', '--all', '--endpoint', server.url, '--db', db])).stderr;
      await send();
      tool('tool_call', 'further', 1);
      tool('tool_result', 'further result', 1);
      expect(await send()).toMatch(/ 2 spans of 1 session accepted/);
      expect(await send()).not.toContain('came after delivery');
      tool('tool_info', 'late', 0);
      expect(await send()).toContain(`facts came after delivery for ${ONE}`);
    });
  });
});

describe('export --rebase-time', () => {
  it('shifts a session to end then, keeps recorded times, and stays with the first shift', async () => {
    const db = stored({ id: ONE, calls: [{}, {}] });
    await withServer(async (server) => {
      const send = (...more: string[]) =>
        runCli(['export', ONE, '--endpoint', server.url, '--db', db, ...more]);
      server.failNext({ status: 200 });
      await send('--rebase-time', '2026-01-31T08:00:00Z', '--batch-size', '2');
      const end = Date.parse('2026-01-31T08:00:00Z');
      const root = rootAt(server)!;
      expect(Number(root.endTimeUnixNano) / 1e6).toBe(end);
      for (const span of spansAt(server)) {
        const recorded = span.attributes['agent_strace.time.recorded_start_us'] as { int: string };
        const shift = Number(span.startTimeUnixNano) / 1000 - Number(recorded.int);
        expect(shift).toBe(end * 1000 - (LONG_AGO + 500_000));
      }
      const again = await send('--rebase-time', 'now');
      expect(again.stderr).toContain('1 delivered before');
      expect(again.stderr).not.toContain('differ');
      expect((await send()).stderr).toContain('shift_us differ');
      await send('--force', '--rebase-time', 'now');
      const forced = server.requests
        .at(-1)!
        .spans.map((span) => Number(span.endTimeUnixNano) / 1e6);
      expect(Math.abs(Math.max(...forced) - Date.now())).toBeLessThan(60_000);
      expect((await send('--rebase-time', 'soon')).code).toBe(2);
    });
  });
});

describe('destinations', () => {
  it('each get what their preset prefers, and flags win', async () => {
    const db = stored({ id: ONE, calls: [{}], prompt: 'hello' });
    await withServer(async (plain) => {
      await withServer(
        async (langfuse) => {
          const env = {
            LANGFUSE_BASE_URL: langfuse.url,
            LANGFUSE_PUBLIC_KEY: 'pk',
            LANGFUSE_SECRET_KEY: 'sk',
            LANGFUSE_TRACING_ENVIRONMENT: 'staging',
            PHOENIX_COLLECTOR_ENDPOINT: plain.url,
          };
          const both = await runCli(
            [
              'export',
              ONE,
              '--backend',
              'phoenix',
              '--backend',
              'langfuse',
              '--tag',
              'night',
              '--db',
              db,
            ],
            { env },
          );
          expect(both.code).toBe(0);
          const observed = rootAt(langfuse)!;
          expect(observed.attributes['langfuse.environment']).toBe('staging');
          expect(observed.attributes['langfuse.trace.tags']).toEqual(['claude-code', 'night']);
          expect(Object.keys(rootAt(plain)!.attributes).join()).not.toContain('langfuse');
          await runCli(
            ['export', ONE, '--backend', 'langfuse', '--format', 'otlp-genai', '--db', db],
            { env },
          );
          const asked = langfuse.requests.at(-1)!.spans;
          expect(JSON.stringify(asked)).not.toContain('langfuse.trace');
        },
        { paths: ['/api/public/otel/v1/traces'] },
      );
    });
  });

  it('are identified without their credentials: a new key sends nothing again', async () => {
    const db = stored({ id: ONE, calls: [{}] });
    await withServer(async (server) => {
      const send = (...more: string[]) => runCli(['export', ONE, '--db', db, ...more]);
      await send('--endpoint', server.url, '--header', 'x-api-key: first');
      const rotated = await send('--endpoint', server.url, '--header', 'x-api-key: second');
      expect(rotated.stderr).toContain('1 delivered before');
      expect(rotated.stderr).not.toContain('differ');
      await send('--endpoint', `${server.url}/v1/traces?tenant=1`, '--destination', 'team');
      expect(server.requests).toHaveLength(2);
      await send('--endpoint', `${server.url}/v1/traces?tenant=2`, '--destination', 'team');
      expect(server.requests).toHaveLength(2);
    });
  });

  it('are refused when they are named twice, and one name for several', async () => {
    const db = stored({ id: ONE, calls: [{}] });
    const twice = await runCli([
      'export',
      '--endpoint',
      'http://h:1',
      '--endpoint',
      'http://h:1/v1/traces',
      '--db',
      db,
    ]);
    expect(twice.code).toBe(2);
    expect(twice.stderr).toContain('named twice');
    const named = await runCli([
      'export',
      '--endpoint',
      'http://h:1',
      '--endpoint',
      'http://h:2',
      '--destination',
      'x',
      '--db',
      db,
    ]);
    expect(named.stderr).toContain('--destination names one');
  });

  it('take one sender at a time: a second run says who is sending and leaves everything to it', async () => {
    const db = join(temporaryFolder(), 'store.db');
    recordSessions(db, 20, 2);
    await withServer(
      async (server) => {
        const args = [
          'export',
          '--all',
          '--batch-size',
          '20',
          '--endpoint',
          server.url,
          '--db',
          db,
        ];
        let second: ReturnType<typeof runCli> | undefined;
        const first = runCli(args, {
          onStart: (child) => {
            const timer = setInterval(() => {
              if (server.requests.length === 0) return;
              clearInterval(timer);
              second = runCli(args).finally(() => server.setFault(undefined));
              expect(child.pid).toBeGreaterThan(0);
            }, 5);
          },
        });
        expect((await first).code).toBe(0);
        const late = await second!;
        expect(late.code).toBe(3);
        expect(late.stderr).toMatch(/process \d+ on .* has been sending to/);
        expect(late.stderr).toContain('20 sessions are not complete there');
        expect(server.copies()).toEqual({ equal: 0, differing: 0 });
        expect(server.stored().size).toBe(80);
      },
      { fault: () => ({ delayMillis: 1500 }) },
    );
  });

  it('can be reached through the exporter of OpenTelemetry, which cannot say why', async () => {
    const db = stored({ id: ONE, calls: [{}, {}] });
    await withServer(
      async (server) => {
        const send = () =>
          runCli(['export', ONE, '--exporter', 'otel', '--endpoint', server.url, '--db', db]);
        server.failNext({ status: 400, body: 'no' });
        const failed = await send();
        expect(failed.code).toBe(3);
        expect(server.stored().size).toBe(0);
        expect((await send()).code).toBe(0);
        expect(server.requests[1]!.contentType).toBe('application/json');
        expect(server.stored().size).toBe(4);
        expect((await send()).stderr).toContain('1 delivered before');
      },
      { strict: false },
    );
    const other = await runCli([
      'export',
      ONE,
      '--exporter',
      'file',
      '--endpoint',
      'http://h:1',
      '--db',
      db,
    ]);
    expect(other.code).toBe(2);
  });

  it('hold values to their limits, with a marker and never half of a message', async () => {
    const db = stored({
      id: ONE,
      calls: [{ input: JSON.stringify({ text: '😀'.repeat(3000) }), output: 'x'.repeat(9000) }],
    });
    await withServer(async (server) => {
      const env = { TEMPO_OTLP_ENDPOINT: server.url, OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT: '1500' };
      await runCli(['export', ONE, '--backend', 'tempo', '--content', 'redacted', '--db', db], {
        env,
      });
      const call = spansAt(server).find(
        (span) => span.attributes['agent_strace.truncated'] !== undefined,
      )!;
      const cut = String(call.attributes['gen_ai.tool.call.arguments']);
      expect(cut.length).toBeLessThanOrEqual(1500);
      expect(cut).not.toMatch(/\p{Surrogate}/u);
      expect(JSON.parse(cut).text).toMatch(/😀… \[cut, 6000 characters\]$/);
      expect(call.attributes['agent_strace.truncated']).toContain('gen_ai.tool.call.result');
      expect(JSON.stringify(spansAt(server))).toMatch(/cut, 9000 characters/);
    });
  });
});

describe('trace context', () => {
  it('given for one session only; a malformed one is ignored with a warning', async () => {
    const db = stored({ id: ONE, calls: [{}] }, { id: TWO, calls: [{}] });
    const several = await runCli(['export', '--all', '--traceparent', PARENT, '--db', db]);
    expect(several.code).toBe(2);
    expect(several.stderr).toContain('2 were selected');
    const bad = await runCli(['export', ONE, '--traceparent', 'nonsense', '--db', db]);
    expect(bad.code).toBe(0);
    expect(bad.stderr).toContain('not a valid W3C trace context');
    expect(bad.stdout).toContain(ONE.replaceAll('-', ''));
    const good = await runCli(['export', ONE, '--traceparent', PARENT, '--db', db]);
    expect(good.stdout).toContain('"traceId":"4bf92f3577b34da6a3ce929d0e0e4736"');
    expect(good.stdout).toContain('"parentSpanId":"00f067aa0ba902b7"');
  });

  it('recorded with a call becomes a link, and a malformed one nothing', async () => {
    const db = stored({
      id: ONE,
      calls: [{ facts: { traceparent: PARENT } }, { facts: { traceparent: 'x' } }],
    });
    for (const format of ['otlp-genai', 'otlp', 'langfuse']) {
      await withServer(async (server) => {
        await runCli(['export', ONE, '--format', format, '--endpoint', server.url, '--db', db]);
        const links = spansAt(server).flatMap((span) => span.links);
        expect(links).toEqual([
          expect.objectContaining({
            traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
            spanId: '00f067aa0ba902b7',
          }),
        ]);
      });
    }
  });
});

describe('a signal', () => {
  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)(
    '%s finishes the request in flight, saves, says what is left',
    async (signal, code) => {
      const db = join(temporaryFolder(), 'store.db');
      recordSessions(db, 40, 2);
      await withServer(
        async (server) => {
          const args = [
            'export',
            '--all',
            '--batch-size',
            '20',
            '--endpoint',
            server.url,
            '--db',
            db,
          ];
          const stopped = await runCli(args, {
            onStart: (child) => {
              const timer = setInterval(() => {
                if (server.requests.length === 0) return;
                clearInterval(timer);
                child.kill(signal);
              }, 5);
            },
          });
          expect(stopped.code).toBe(code);
          expect(server.requests).toHaveLength(1);
          expect(stopped.stderr).toContain('20 spans of 5 sessions accepted');
          expect(stopped.stderr).toContain('35 sessions are not complete there');
          server.setFault(undefined);
          expect((await runCli(args)).code).toBe(0);
          expect(server.stored().size).toBe(160);
          expect(server.copies()).toEqual({ equal: 0, differing: 0 });
        },
        { fault: () => ({ delayMillis: 800 }) },
      );
    },
  );

  it('ends waiting for a server that is down', async () => {
    const db = join(temporaryFolder(), 'store.db');
    recordSessions(db, 30, 2);
    await withServer(
      async (server) => {
        const waiting = await runCli(['export', '--all', '--endpoint', server.url, '--db', db], {
          onStart: (child) => {
            child.stderr!.once('data', () => child.kill('SIGINT'));
          },
        });
        expect(waiting.code).toBe(130);
        expect(waiting.stderr).toContain('stopped');
      },
      { fault: () => ({ status: 503, headers: { 'retry-after': '60' } }) },
    );
  });

  it('ends writing to a file with a whole document of what was begun', async () => {
    const db = join(temporaryFolder(), 'store.db');
    const file = join(temporaryFolder(), 'trace.json');
    const unfinished = `${file}.unfinished`;
    recordSessions(db, 2000, 2);
    const stopped = await runCli(['export', '--all', '--output', file, '--db', db], {
      onStart: (child) => {
        const timer = setInterval(() => {
          if (!existsSync(unfinished) || statSync(unfinished).size === 0) return;
          clearInterval(timer);
          child.kill('SIGINT');
        }, 2);
        child.once('exit', () => clearInterval(timer));
      },
    });
    expect(stopped.code).toBe(130);
    const left = Number(/stopped before the end; (\d+) not begun/.exec(stopped.stderr)?.[1]);
    expect(left).toBeGreaterThan(0);
    expect(existsSync(unfinished)).toBe(false);
    const document = JSON.parse(readFileSync(file, 'utf8'));
    const spans = JSON.stringify(document).match(/"spanId"/g)!.length;
    expect(spans).toBe((2000 - left) * 4);
  });
});
