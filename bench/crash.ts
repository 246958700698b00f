// Kills an export of 2,000 sessions at 100 random points and compares what arrived with the store; part of
// `npm run bench`. Alone, after `npm run build`, bundled two folders below the root, so that the program is found:
//   npx esbuild bench/crash.ts --bundle --platform=node --format=esm --external:better-sqlite3 --outfile=node_modules/.cache/crash.mjs
//   node node_modules/.cache/crash.mjs [sessions] [kills]
// `CRASH_SEED` chooses other points.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crashRun } from '../test/delivery/crash-run.ts';

const seed = Number(process.env['CRASH_SEED'] ?? Date.now() % 1_000_000);
const sessions = Number(process.argv[2] ?? 2000);
const kills = Number(process.argv[3] ?? 100);
const folder = mkdtempSync(join(tmpdir(), 'agent-strace-crash-'));
const started = performance.now();
const result = await crashRun({ folder, sessions, kills, batchSpans: 20, seed });
rmSync(folder, { recursive: true, force: true });

const missing = [...result.recorded].filter((id) => !result.received.has(id)).length;
const foreign = [...result.received].filter((id) => !result.recorded.has(id)).length;
console.log(
  `seed ${seed}, ${result.kills} kills, ${Math.round((performance.now() - started) / 1000)} s`,
);
console.log(`${result.recorded.size} spans recorded, ${missing} missing, ${foreign} foreign`);
console.log(`delivered / recorded: ${(1 - missing / result.recorded.size).toFixed(6)}`);
console.log(
  `${result.spare} spare copies in ${result.requests} requests, ${result.differing} differing, ${result.needless} needless`,
);
process.exitCode =
  missing + foreign + result.differing + result.needless + (result.lastCode ?? 1) > 0 ? 1 : 0;
