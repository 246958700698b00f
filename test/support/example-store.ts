import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { RECORDINGS, runCli } from './cli.ts';

let imported: Promise<Buffer> | undefined;

/** Writes a new store with the bundled example, as importing it there does; it is imported once for all tests. */
export async function writeExampleStore(db: string): Promise<void> {
  imported ??= importedExample();
  writeFileSync(db, await imported, { mode: 0o600 });
}

async function importedExample(): Promise<Buffer> {
  const folder = mkdtempSync(join(tmpdir(), 'agent-strace-test-'));
  try {
    const db = join(folder, 'store.db');
    const { code, stderr } = await runCli(['import', RECORDINGS, '--db', db]);
    expect(code, stderr).toBe(0);
    return readFileSync(db);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
