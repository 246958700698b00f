// What the hash chain costs when facts are recorded: the same writer with and without salts, commitments and hashes.
// Target: at most 1.15 times the time. Exits 1 when it is missed.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { median, summary } from './measure.mjs';

const TARGET = 1.15;
const EVENTS = Number(process.argv[2] ?? 40_000);
const ROUNDS = Number(process.argv[3] ?? 9);
const root = fileURLToPath(new URL('..', import.meta.url));
const cache = join(root, 'node_modules/.cache/agent-strace-bench');
const folder = mkdtempSync(join(tmpdir(), 'agent-strace-chain-'));
mkdirSync(cache, { recursive: true });

/** In place of the chain: no salts, no commitments, no hashes; texts go to SQLite as they are. */
const UNCHAINED = {
  'chain.ts':
    "export const SUITE = 'none'; export const hashGenesis = () => ''; export const hashedHeader = (room, bytes) => ({ hash: '', bytes });",
  'commitment.ts':
    "export const newSalt = () => null; export const commitText = (room, salt, bytes) => ({ digest: '', bytes });",
};

const withoutChain = {
  name: 'without-chain',
  setup({ onLoad }) {
    onLoad({ filter: /src[/\\]integrity[/\\](chain|commitment)\.ts$/ }, ({ path }) => ({
      contents: UNCHAINED[path.split(/[/\\]/).at(-1)],
      loader: 'js',
    }));
  },
};

async function bundle(name, plugins) {
  const outfile = join(cache, `${name}.cjs`);
  await build({
    absWorkingDir: root,
    entryPoints: ['bench/chain-insert.ts'],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20.19',
    format: 'cjs',
    define: { __VERSION__: '"bench"', 'import.meta.url': '__filename' },
    logLevel: 'warning',
    plugins,
  });
  return outfile;
}

const entries = {
  chained: await bundle('chained', []),
  unchained: await bundle('unchained', [withoutChain]),
};
const times = { chained: [], unchained: [] };
const processor = { chained: [], unchained: [] };

function run(kind, round) {
  const path = join(folder, `${kind}-${round}.db`);
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    [entries[kind], path, String(EVENTS)],
    { encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(stderr);
  rmSync(path, { force: true });
  return stdout.trim().split(' ').map(Number);
}

// Alternately and in changing order, so that other load on the machine affects both.
for (let round = 0; round <= ROUNDS; round++) {
  const order = round % 2 === 0 ? ['chained', 'unchained'] : ['unchained', 'chained'];
  for (const kind of order) {
    const [seconds, cpu] = run(kind, round);
    if (round === 0) continue;
    times[kind].push(seconds);
    processor[kind].push(cpu);
  }
}
rmSync(folder, { recursive: true, force: true });

const ratios = (of) => summary(of.chained.map((value, round) => value / of.unchained[round]));
const { median: ratio, min, max, noise } = ratios(times);
const rate = (kind) => Math.round(EVENTS / median(times[kind]));
console.log(
  `${EVENTS} events, median of ${ROUNDS}: chained ${rate('chained')}/s, unchained ${rate('unchained')}/s`,
);
console.log(
  `chained / unchained: ${ratio.toFixed(3)} (single rounds ${min.toFixed(2)} to ${max.toFixed(2)}, noise ${noise.toFixed(3)}), target at most ${TARGET}`,
);
console.log(`of processor time alone: ${ratios(processor).median.toFixed(3)}`);
process.exitCode = ratio <= TARGET * (1 + noise) ? 0 : 1;
