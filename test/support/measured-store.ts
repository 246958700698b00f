import { join } from 'node:path';
import { runCli } from './cli.ts';
import { type RunSketch, writeRun } from './recorded-runs.ts';
import { temporaryFolder } from './temporary-store.ts';

interface Checked {
  readonly session: string;
  readonly verdict: string;
  readonly exit_code: number;
  readonly excluded_itself: boolean;
  readonly metrics: readonly {
    readonly metric: string;
    readonly verdict: string;
    readonly reason: string | null;
    readonly value: number | null;
    readonly n: number;
    readonly mean: number | null;
    readonly sd: number | null;
    readonly z: number | null;
  }[];
}

/** Ordinary runs that vary a little, numbered from 1. */
export function ordinary(count: number, from = 1): RunSketch[] {
  return Array.from({ length: count }, (_, i) => ({
    number: from + i,
    toolCalls: 5 + (i % 3),
    seconds: 55 + 5 * (i % 4),
    outputTokens: 900 + 60 * (i % 5),
    errors: i % 4 === 0 ? 1 : 0,
  }));
}

/** A store with these runs, and `baseline check` with its answer read. */
export async function measuredStore(...runs: RunSketch[]) {
  const folder = temporaryFolder();
  const db = join(temporaryFolder(), 'store.db');
  for (const sketch of runs) writeRun(folder, sketch);
  if (runs.length > 0) await runCli(['import', folder, '--db', db]);
  const run = (...args: string[]) => runCli([...args, '--db', db]);
  const check = async (...args: string[]) => {
    const result = await run('baseline', 'check', ...args, '--format', 'json');
    return {
      code: result.code,
      stderr: result.stderr,
      ...(result.stdout === '' ? {} : { answer: JSON.parse(result.stdout) as Checked }),
    };
  };
  return { db, folder, run, check };
}
