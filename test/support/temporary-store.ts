import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { openStore, type Store } from '../../src/store/open-store.ts';

/** A folder that goes away after the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'agent-strace-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A real store in a file of its own, closed and removed after the test. */
export function temporaryStore(): Store {
  const store = openStore({ path: join(temporaryFolder(), 'store.db'), mode: 'write' });
  onTestFinished(() => store.close());
  return store;
}
