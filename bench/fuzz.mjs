// 200,000 damaged recordings of every agent through the import, in folders with a healthy one among them: no crash, no
// hang, no memory growth, counts that add up to the lines. Exits 1 when one breaks a promise; its number reproduces it.
// Arguments: how many, the first number.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { loadSources } from './bundle-children.mjs';

const COUNT = Number(process.argv[2] ?? 200_000);
const FIRST = Number(process.argv[3] ?? 0);
/** Files per store; identical damage is stored once, so stores stay small anyway. */
const ROUND = 5000;
/** How much more memory may be held after a round than after the first, not counting the allocator's own reserve. */
const MOST_GROWTH_MEGABYTES = 32;
const SLOWEST_BATCH_SECONDS = 60;

const root = fileURLToPath(new URL('..', import.meta.url));
const { fuzz, openStore } = await loadSources(
  'fuzz',
  `export { fuzz } from './test/ingest/fuzzing.ts';
   export { openStore } from './src/store/open-store.ts';`,
  join(root, 'test/ingest/fuzzing.ts'),
);

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc');

function heldMegabytes() {
  // The engine holds the text of the last match, which may have been a huge line.
  /held/.exec('held');
  // Twice, because the second run frees what the first one finalizes.
  collectGarbage();
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / 2 ** 20;
}

const folder = mkdtempSync(join(tmpdir(), 'agent-strace-fuzz-'));
const started = performance.now();
const total = { files: 0, recognised: 0, failed: 0, records: 0, broken: 0, unknown: 0 };
let complaints = 0;
let slowest = 0;
let peak = 0;
let first = 0;
let held = 0;
try {
  for (let from = FIRST; from < FIRST + COUNT; from += ROUND) {
    const to = Math.min(FIRST + COUNT, from + ROUND);
    const store = openStore({ path: join(folder, `${from}.db`), mode: 'write' });
    store.database.pragma('synchronous = OFF');
    let before = performance.now();
    const result = fuzz(store, join(folder, 'recordings'), from, to, () => {
      slowest = Math.max(slowest, (performance.now() - before) / 1000);
      before = performance.now();
      peak = Math.max(peak, process.memoryUsage().rss / 2 ** 20);
    });
    store.close();
    held = heldMegabytes();
    first ||= held;
    for (const suffix of ['', '-wal', '-shm'])
      rmSync(join(folder, `${from}.db${suffix}`), { force: true });
    for (const name of ['files', 'recognised', 'failed']) total[name] += result[name];
    for (const name of ['records', 'broken', 'unknown']) total[name] += result.sums[name];
    complaints += result.complaints.length;
    for (const complaint of result.complaints.slice(0, 20)) console.log(complaint);
    console.error(
      `${to - FIRST} files, ${Math.round((performance.now() - started) / 1000)} s, ${Math.round(peak)} MB, held ${held.toFixed(1)} MB`,
    );
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
const seconds = (performance.now() - started) / 1000;
console.log(
  `${total.files} damaged files: ${total.recognised} recognised, ${total.failed} refused, ${total.records} records ` +
    `(${total.broken} broken, ${total.unknown} unknown), ${complaints} broken promises; ` +
    `${seconds.toFixed(0)} s, slowest 25 files ${slowest.toFixed(1)} s, peak ${peak.toFixed(0)} MB, held ${first.toFixed(1)} MB after the first round and ${held.toFixed(1)} MB after the last`,
);
if (complaints > 0 || held - first > MOST_GROWTH_MEGABYTES || slowest > SLOWEST_BATCH_SECONDS)
  process.exitCode = 1;
