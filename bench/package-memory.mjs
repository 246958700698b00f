// Peak memory of writing and of verifying an audit package, at two sizes: how many bytes each further event costs.
// `npm run build && node bench/package-memory.mjs [events] [more events] [runs]`; exits 1 when it is more than LIMIT.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleChildren } from './bundle-children.mjs';
import { median, runOnce } from './measure.mjs';

/** Bytes per event, as the format promises. */
const LIMIT = 32;
const SEED = 7;
const SHAPES = [
  { name: 'one session', sessionsOf: () => 1 },
  { name: 'sessions of 100 events', sessionsOf: (events) => events / 100 },
];

const [few = 100_000, many = 1_000_000, runs = 3] = process.argv.slice(2).map(Number);
const root = fileURLToPath(new URL('..', import.meta.url));
const cli = join(root, 'dist/cli.cjs');
const folder = mkdtempSync(join(tmpdir(), 'agent-strace-bench-'));

async function medianPeak(args) {
  const peaks = [];
  for (let run = 0; run < runs; run++) {
    const { peakMegabytes } = await runOnce(args);
    if (peakMegabytes === undefined) throw new Error('needs GNU time as /usr/bin/time');
    peaks.push(peakMegabytes);
  }
  return median(peaks);
}

/** Median peaks in MiB of writing and verifying a package of so many events. */
async function peaksOf(builder, events, sessions) {
  const store = join(folder, 'store.db');
  const file = join(folder, 'package.json');
  await runOnce([builder, store, String(sessions), String(events / sessions), String(SEED)]);
  const selection = ['--format', 'eu-ai-act', '--all', '--quiet', '--db', store];
  const written = await medianPeak([cli, 'export', ...selection, '--output', file]);
  const verified = await medianPeak([cli, 'verify', '--from-export', file, '--quiet']);
  for (const path of [store, `${store}-wal`, `${store}-shm`, file]) rmSync(path, { force: true });
  return { written, verified };
}

function report(what, small, large) {
  const each = ((large - small) * 2 ** 20) / (many - few);
  const verdict = each <= LIMIT ? 'within' : 'over';
  console.log(
    `${what}: ${small.toFixed(0)} MB at ${few} events, ${large.toFixed(0)} MB at ${many}: ` +
      `${each.toFixed(1)} bytes a further event, ${verdict} ${LIMIT}`,
  );
  if (each > LIMIT) process.exitCode = 1;
}

try {
  const [builder] = await bundleChildren('children/build-store.ts');
  for (const { name, sessionsOf } of SHAPES) {
    const small = await peaksOf(builder, few, sessionsOf(few));
    const large = await peaksOf(builder, many, sessionsOf(many));
    report(`${name}, writing`, small.written, large.written);
    report(`${name}, verifying`, small.verified, large.verified);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
