import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { METRICS } from '../../src/metrics/metrics-table.ts';
import { RECORDINGS, runCli } from '../support/cli.ts';
import { temporaryFolder } from '../support/temporary-store.ts';

const FIXTURES = fileURLToPath(new URL('../fixtures', import.meta.url));
const GOLDEN = fileURLToPath(new URL('../golden/metrics.json', import.meta.url));

describe('golden metrics', () => {
  it('of every recorded session are what they were', async () => {
    const db = join(temporaryFolder(), 'store.db');
    const run = (args: readonly string[]) => runCli([...args, '--db', db]);
    await run(['import', RECORDINGS, FIXTURES]);
    const sessions = JSON.parse((await run(['list', '--json', '--limit', '1000'])).stdout) as {
      session_id: string;
    }[];
    await run(['baseline', 'update']);
    const keys = METRICS.map(({ key }) => key).join(',');
    const measured: Record<string, Record<string, number | null>> = {};
    for (const { session_id } of sessions) {
      const { stdout } = await run([
        'baseline',
        'check',
        session_id,
        '--format',
        'json',
        '--metrics',
        keys,
      ]);
      const { metrics } = JSON.parse(stdout) as {
        metrics: { metric: string; value: number | null }[];
      };
      measured[session_id] = Object.fromEntries(
        metrics.map(({ metric, value }) => [metric, value]),
      );
    }
    const sorted = Object.fromEntries(
      Object.entries(measured).sort(([a], [b]) => (a < b ? -1 : 1)),
    );
    const text = `${JSON.stringify(sorted, null, 2)}\n`;
    if (process.env['UPDATE_GOLDEN'] === '1') {
      mkdirSync(dirname(GOLDEN), { recursive: true });
      writeFileSync(GOLDEN, text);
    }
    expect(text).toBe(readFileSync(GOLDEN, 'utf8'));
  }, 120_000);
});
