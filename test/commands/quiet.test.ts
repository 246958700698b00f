import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { record, sessionFacts } from '../delivery/recorded-sessions.ts';
import { runCli } from '../support/cli.ts';
import { startOtlpServer } from '../support/otlp-server.ts';
import { temporaryFolder } from '../support/temporary-store.ts';

const DONE = '0b1e0000-0000-4000-8000-000000000001';
const RUNNING = '0b1e0000-0000-4000-8000-000000000002';

const prompt = (uuid: string) =>
  `${JSON.stringify({
    type: 'user',
    uuid,
    sessionId: DONE,
    timestamp: '2026-02-01T10:00:00.000Z',
    message: { role: 'user', content: 'Tidy up.' },
  })}\n`;

describe('--quiet says nothing about what went well, but why less was done than asked', () => {
  it('of an export', async () => {
    const db = join(temporaryFolder(), 'store.db');
    record(
      db,
      ...[
        { id: DONE, calls: [{}] },
        { id: RUNNING, calls: [{}], atMicros: (Date.now() - 60_000) * 1000, outcome: null },
      ].flatMap(sessionFacts),
    );
    const server = await startOtlpServer({});
    try {
      const send = (...which: string[]) =>
        runCli(['export', ...which, '--quiet', '--endpoint', server.url, '--db', db]);
      expect(await send(DONE)).toMatchObject({ code: 0, stderr: '' });
      const short = await send('--all');
      expect(short.code).toBe(3);
      expect(short.stderr).toContain('still running');
      expect(short.stderr).toContain(RUNNING);
    } finally {
      await server.close();
    }
  });

  it('of an import', async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'recordings'));
    const [good, bad] = ['good', 'bad'].map((name) => join(folder, 'recordings', `${name}.jsonl`));
    writeFileSync(good!, prompt('a1'));
    const run = () =>
      runCli(['import', join(folder, 'recordings'), '--quiet', '--db', join(folder, 'store.db')]);
    expect(await run()).toMatchObject({ code: 0, stderr: '' });
    writeFileSync(bad!, prompt('b1').replaceAll(DONE, RUNNING));
    appendFileSync(bad!, `{"type":"user",\n${prompt('b2').replaceAll(DONE, RUNNING)}`);
    const short = await run();
    expect(short.code).toBe(3);
    expect(short.stderr).toMatch(/bad\.jsonl: .*1 broken/);
    expect(short.stderr).toContain('line 2: not valid JSON');
    expect(short.stderr).not.toContain('good.jsonl');
  });
});
