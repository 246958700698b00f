import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { AGENTS } from '../../src/agents/registry.ts';
import { temporaryFolder, temporaryStore } from '../support/temporary-store.ts';
import { fuzz } from './fuzzing.ts';

const FILES = 1000;
const MOST_GROWTH_BYTES = 24 * 1024 * 1024;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

function heldBytes(): number {
  // The engine holds the text of the last match, which may have been a huge line.
  /held/.exec('held');
  // Twice: what the first one finalizes is freed by the second.
  collectGarbage();
  collectGarbage();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

it('a thousand damaged recordings of every agent: each is read or refused, healthy ones are imported, every line is counted', () => {
  const store = temporaryStore();
  store.database.pragma('synchronous = OFF');
  const folder = join(temporaryFolder(), 'recordings');
  let early = 0;
  const result = fuzz(store, folder, 0, FILES, ({ files }) => {
    if (files === FILES / 4) early = heldBytes();
  });
  expect(result.complaints).toEqual([]);
  expect(result.files).toBe(FILES);
  expect(result.recognised).toBeGreaterThan(FILES * 0.6);
  expect(result.failed).toBeGreaterThan(0);
  for (const { name } of AGENTS) expect(result.perAgent.get(name) ?? 0, name).toBeGreaterThan(20);
  for (const [name, sum] of Object.entries(result.sums)) expect(sum, name).toBeGreaterThan(100);
  expect(early).toBeGreaterThan(0);
  expect(heldBytes() - early).toBeLessThan(MOST_GROWTH_BYTES);
}, 120_000);
