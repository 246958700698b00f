import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { LONG_AGO, record, sessionFacts } from '../delivery/recorded-sessions.ts';
import { type CliOptions, runCli } from '../support/cli.ts';
import { type OtlpServer, startOtlpServer } from '../support/otlp-server.ts';
import { temporaryFolder } from '../support/temporary-store.ts';

const HOUR_MICROS = 3_600_000_000;
/** Long enough for the other lane to come to its end meanwhile. */
const MEANWHILE_MILLIS = 400;

const sessionOf = (n: number) => `10e00000-0000-4000-8000-00000000000${n}`;
const traceOf = (n: number) => sessionOf(n).replaceAll('-', '');

/** Sessions of one span and one more a call, sent by two lanes. */
async function withSessions(
  calls: readonly number[],
  test: (
    send: (onStart?: CliOptions['onStart']) => Promise<{ code: number | null; report: Report }>,
    server: OtlpServer,
  ) => Promise<void>,
): Promise<void> {
  const db = join(temporaryFolder(), 'store.db');
  for (const [at, count] of calls.entries()) {
    const atMicros = LONG_AGO + at * HOUR_MICROS;
    record(db, ...sessionFacts({ id: sessionOf(at + 1), calls: Array(count).fill({}), atMicros }));
  }
  const server = await startOtlpServer();
  const to = ['--format', 'otlp', '--endpoint', server.url, '--threads', '2', '--batch-size', '50'];
  try {
    await test(async (onStart) => {
      const args = ['export', '--all', '--json', ...to, '--db', db];
      const { code, stdout } = await runCli(args, onStart === undefined ? {} : { onStart });
      return { code, report: JSON.parse(stdout).destinations[0] };
    }, server);
  } finally {
    await server.close();
  }
}

interface Report {
  readonly accepted: number;
  readonly refusedCount: number;
  readonly reason?: string;
}

describe('a span that is refused alone at the end of a lane', () => {
  it.each([
    [400, 1, undefined],
    [500, 0, expect.stringContaining('HTTP 500')],
  ])('with %i waits until the other lane has sent all', async (status, refusedCount, reason) => {
    await withSessions([0, 300], async (send, server) => {
      let taken = 0;
      server.setFault(({ spans }) => {
        if (spans.some(({ traceId }) => traceId === traceOf(1))) return { status };
        return taken++ === 0 ? { delayMillis: MEANWHILE_MILLIS } : undefined;
      });
      const { code, report } = await send();
      expect([code, report.accepted, report.refusedCount]).toEqual([3, 301, refusedCount]);
      expect(report.reason).toEqual(reason);
      expect(server.stored().size).toBe(301);
    });
  });

  it('is no reason of its own where the others are interrupted', async () => {
    await withSessions([0, 300], async (send, server) => {
      server.setFault(({ spans }) =>
        spans.some(({ traceId }) => traceId === traceOf(1))
          ? { status: 400 }
          : { delayMillis: 3 * MEANWHILE_MILLIS },
      );
      const { code, report } = await send((child) => {
        const timer = setInterval(() => {
          if (server.requests.length < 2) return;
          clearInterval(timer);
          child.kill('SIGINT');
        }, 5);
        child.on('close', () => clearInterval(timer));
      });
      expect([code, report.refusedCount, report.reason]).toEqual([130, 0, 'interrupted']);
      server.setFault(undefined);
      expect(await send()).toMatchObject({ code: 0 });
      expect(server.stored().size).toBe(302);
      expect(server.copies()).toEqual({ equal: 0, differing: 0 });
    });
  });

  it('is not at fault where the other lane ends with such a refusal too', async () => {
    await withSessions([50, 50], async (send, server) => {
      const begun = new Set<string>();
      server.setFault(({ spans }) => {
        const delayMillis = MEANWHILE_MILLIS;
        const isFirst = spans.length > 1 && begun.size < 2;
        for (const { traceId } of spans) if (isFirst) begun.add(traceId);
        return isFirst ? { delayMillis } : { status: 400, delayMillis };
      });
      const { code, report } = await send();
      expect([code, report.accepted, report.refusedCount]).toEqual([3, 100, 0]);
      expect(report.reason).toContain('HTTP 400');
      server.setFault(undefined);
      expect(await send()).toMatchObject({ code: 0, report: { accepted: 2, refusedCount: 0 } });
      expect(server.stored().size).toBe(102);
    });
  });
});
