import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RECORDED_SESSION, RECORDINGS, runCli } from '../support/cli.ts';

const T = 1_790_000_000_000;
const FOREIGN = 'ses_tides';

let folder: string;
let db: string;

async function imported(path: string): Promise<void> {
  expect((await runCli(['import', path, '--db', db])).code).toBe(0);
}

/** The session that a command finds under this name, or what it says instead. */
async function found(name: string): Promise<string> {
  const { code, stdout, stderr } = await runCli(['show', name, '--json', '--db', db]);
  return code === 0 ? JSON.parse(stdout).head.sessionId : `${code} ${stderr}`;
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'agent-strace-test-'));
  db = join(folder, 'store.db');
  await imported(RECORDINGS);
  const file = join(folder, 'exported.json');
  const info = { id: FOREIGN, version: '1.18.13', time: { created: T } };
  const user = { id: 'msg_1', sessionID: FOREIGN, role: 'user', time: { created: T + 10 } };
  const parts = [{ type: 'text', text: 'Count the tides' }];
  writeFileSync(file, JSON.stringify({ info, messages: [{ info: user, parts }] }));
  await imported(file);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('a session is found', () => {
  it('by its trace id, whole or the beginning, as list --json and every backend give it', async () => {
    const { stdout } = await runCli(['list', '--json', '--db', db]);
    const listed = JSON.parse(stdout) as { session_id: string; trace_id: string }[];
    expect(listed.map(({ session_id }) => session_id).sort()).toEqual([RECORDED_SESSION, FOREIGN]);
    for (const { session_id, trace_id } of listed) {
      expect(await found(trace_id)).toBe(session_id);
      expect(await found(trace_id.toUpperCase())).toBe(session_id);
      expect(await found(trace_id.slice(0, 13))).toBe(session_id);
    }
  });

  it('by a UUID in upper case, whole or the beginning', async () => {
    expect(await found(RECORDED_SESSION.toUpperCase())).toBe(RECORDED_SESSION);
    expect(await found(RECORDED_SESSION.toUpperCase().slice(0, 11))).toBe(RECORDED_SESSION);
  });

  it('by no other text', async () => {
    for (const name of ['ffffffff', 'f'.repeat(33), 'tides', '-']) {
      expect(await found(name), name).toMatch(/^2 .*no session/);
    }
    expect(await found('')).toMatch(/^2 .*'session' must not be empty/);
  });
});
