import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { closeSync, constants, openSync, read } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { recordSessions } from '../delivery/many-sessions.ts';
import { CLI } from '../support/cli.ts';
import { temporaryFolder } from '../support/temporary-store.ts';

/** How a command ends that `waits` for another process, once it gets signals. */
async function endOf(
  args: readonly string[],
  signal: NodeJS.Signals,
  waits: (child: ChildProcess) => Promise<void>,
): Promise<NodeJS.Signals | number | null> {
  const child = spawn(process.execPath, [CLI, ...args], { stdio: ['pipe', 'ignore', 'ignore'] });
  child.stdin.on('error', () => undefined);
  const ended = new Promise<NodeJS.Signals | number | null>((resolve) => {
    child.on('close', (code, by) => resolve(by ?? code));
  });
  await waits(child);
  // The first one may come before the command waits.
  const timer = setInterval(() => child.kill(signal), 50);
  try {
    return await ended;
  } finally {
    clearInterval(timer);
  }
}

describe.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('%s ends a command that waits for another process', (signal, code) => {
  it('to read from a pipe it writes to', async () => {
    const folder = temporaryFolder();
    const db = join(folder, 'store.db');
    const pipe = join(folder, 'pipe');
    recordSessions(db, 20, 30);
    execFileSync('mkfifo', [pipe]);
    const reader = openSync(pipe, constants.O_RDWR);
    const args = ['export', '--all', '--db', db, '-o', pipe];
    const first = () =>
      new Promise<void>((resolve, reject) =>
        read(reader, Buffer.alloc(1), 0, 1, null, (error) => (error ? reject(error) : resolve())),
      );
    expect([signal, code]).toContain(await endOf(args, signal, first));
    closeSync(reader);
  });

  it('to end its standard input', async () => {
    const begun = (child: ChildProcess) =>
      new Promise<void>((resolve) => child.stdin!.write('x'.repeat(4_000_000), () => resolve()));
    expect([signal, code]).toContain(await endOf(['redact', '-'], signal, begun));
  });
});
