// How long a hook takes beside an empty Node: `node bench/hook-startup.mjs [rounds]`. Interleaved,
// medians of the ratios; exits 1 when one is over its target by more than the noise.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const rounds = Number(process.argv[2] ?? 101);
const cli = fileURLToPath(new URL('../dist/cli.cjs', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'agent-strace-bench-'));
// NODE_EXTRA_CA_CERTS is left out: reading certificates at every start hides what is measured.
const env = { PATH: process.env.PATH, AGENT_STRACE_DB: join(folder, 'store.db') };
let calls = 0;

function payload() {
  calls += 1;
  return JSON.stringify({
    session_id: '6f1f3f0e-2c9b-4f57-9d0a-0d6f3a9e4b21',
    cwd: folder,
    prompt_id: 'prompt-1',
    tool_name: 'Bash',
    tool_use_id: `call-${calls}`,
    tool_input: { command: `echo ${'x'.repeat(800)} ${calls}` },
  });
}

const CASES = {
  'node -e 0': { args: ['-e', '0'], target: undefined },
  'hook PreToolUse': { args: [cli, 'hook', 'PreToolUse'], target: 1.35 },
  '--version': { args: [cli, '--version'], target: 1.25 },
  '--help': { args: [cli, '--help'], target: 1.25 },
};

const times = Object.fromEntries(Object.keys(CASES).map((name) => [name, []]));
for (let round = -3; round < rounds; round++) {
  for (const [name, { args }] of Object.entries(CASES)) {
    const input = payload();
    const start = process.hrtime.bigint();
    const { status } = spawnSync(process.execPath, args, { env, input });
    const millis = Number(process.hrtime.bigint() - start) / 1e6;
    if (status !== 0) throw new Error(`${name} ended with ${status}`);
    if (round >= 0) times[name].push(millis);
  }
}

function quantile(values, share) {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length * share)];
}

/** Ratios are taken per round, so that a drifting machine gives the same result; the noise is half the interquartile range. */
function ratioOf(name) {
  const ratios = times[name].map((millis, round) => millis / times['node -e 0'][round]);
  return {
    ratio: quantile(ratios, 0.5),
    noise: (quantile(ratios, 0.75) - quantile(ratios, 0.25)) / 2,
  };
}

const fast = quantile(times['node -e 0'], 0.1);
console.log(`${rounds} rounds, Node ${process.version}`);
for (const [name, { target }] of Object.entries(CASES)) {
  const { ratio, noise } = ratioOf(name);
  const missed = target !== undefined && ratio > target + noise;
  if (missed) process.exitCode = 1;
  const wanted =
    target === undefined
      ? ''
      : `  (target ${target}, noise ${noise.toFixed(2)}${missed ? ': missed' : ''})`;
  console.log(
    `${name.padEnd(16)} median ${quantile(times[name], 0.5).toFixed(1).padStart(6)} ms  × ${ratio.toFixed(2)}  fastest tenth × ${(quantile(times[name], 0.1) / fast).toFixed(2)}${wanted}`,
  );
}
rmSync(folder, { recursive: true, force: true });
