import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { CLI, runCli } from '../support/cli.ts';
import { type OtlpServer, startOtlpServer } from '../support/otlp-server.ts';
import { temporaryFolder } from '../support/temporary-store.ts';
import { recordSessions, seededRandom } from './many-sessions.ts';

const SESSIONS = 2000;
const KILLS = 20;
const SEED = 20260920;

interface Killed {
  /** Requests that had arrived when the process was gone. */
  readonly requests: number;
  readonly finished: boolean;
}

function startExport(db: string, url: string): ChildProcess {
  const args = ['export', '--all', '--endpoint', url, '--batch-size', '64', '--db', db];
  return spawn(process.execPath, [CLI, ...args], {
    stdio: 'ignore',
    env: { PATH: process.env['PATH'] },
  });
}

/** Runs an export and kills it a few requests later, at a point of its work that depends on the random numbers only. */
async function runAndKill(db: string, server: OtlpServer, random: () => number): Promise<Killed> {
  const before = server.requests.length;
  const requests = Math.floor(random() * 6);
  const delayMillis = random() * 15;
  const child = startExport(db, server.url);
  let gone = false;
  const exit = new Promise<void>((resolve) => {
    child.once('exit', () => {
      gone = true;
      resolve();
    });
  });
  while (!gone && server.requests.length < before + requests) await sleep(1);
  if (requests === 0) await sleep(random() * 400);
  await sleep(delayMillis);
  const finished = gone;
  child.kill('SIGKILL');
  await exit;
  return { requests: server.requests.length, finished };
}

/** Span ids as the store has them. */
async function recordedIds(db: string): Promise<Set<string>> {
  const file = join(temporaryFolder(), 'all.jsonl');
  const written = await runCli(['export', '--all', '--output', file, '--db', db]);
  expect(written.code).toBe(0);
  return new Set(
    [...readFileSync(file, 'utf8').matchAll(/"spanId":"([0-9a-f]{16})"/g)].map(([, id]) => id!),
  );
}

describe('an export that is killed again and again', () => {
  it('is completed by the next run; only requests without an answer are repeated, byte for byte', async () => {
    const db = join(temporaryFolder(), 'store.db');
    recordSessions(db, SESSIONS, 2);
    const server = await startOtlpServer();
    const random = seededRandom(SEED);
    const unanswered = new Set<string>();
    let kills = 0;
    let before = 0;
    while (kills < KILLS) {
      const killed = await runAndKill(db, server, random);
      if (killed.finished) break;
      kills++;
      if (killed.requests > before)
        for (const span of server.requests.at(-1)!.spans) unanswered.add(span.spanId);
      before = killed.requests;
    }
    const last = await runCli(['export', '--all', '--endpoint', server.url, '--db', db]);
    expect(last.code).toBe(0);
    expect(kills).toBe(KILLS);

    const expected = await recordedIds(db);
    expect(expected.size).toBeGreaterThan(SESSIONS * 3);
    expect(new Set(server.stored().keys())).toEqual(expected);
    expect(server.copies().differing).toBe(0);
    const seen = new Set<string>();
    const twice = server.spans().filter(({ spanId }) => seen.has(spanId) || !seen.add(spanId));
    expect(twice.filter(({ spanId }) => !unanswered.has(spanId))).toEqual([]);

    const requests = server.requests.length;
    const again = await runCli(['export', '--all', '--endpoint', server.url, '--db', db]);
    expect(again.stderr).toContain(`${SESSIONS} delivered before`);
    expect(server.requests).toHaveLength(requests);
    await server.close();
  }, 180_000);
});
