import { join } from 'node:path';
import { runCli } from './cli.ts';
import { writeRun } from './recorded-runs.ts';
import { temporaryFolder } from './temporary-store.ts';

interface ListedScore {
  readonly id: string;
  readonly session_id: string;
  readonly operation_id?: string;
  readonly name: string;
  readonly type: string;
  readonly value?: number;
  readonly label?: string;
  readonly comment?: string;
  readonly source: string;
}

/** A store with three runs; 3 is the latest. */
export async function scoredStore() {
  const folder = temporaryFolder();
  const db = join(temporaryFolder(), 'store.db');
  for (const number of [1, 2, 3]) writeRun(folder, { number });
  await runCli(['import', folder, '--db', db]);
  const run = (args: readonly string[], input?: string) =>
    runCli([...args, '--db', db], input === undefined ? {} : { input });
  const scores = async (...args: string[]) =>
    JSON.parse((await run(['score', 'list', '--json', ...args])).stdout) as ListedScore[];
  const listed = async (...conditions: string[]) => {
    const result = await run([
      'list',
      '--json',
      ...conditions.flatMap((text) => ['--score', text]),
    ]);
    return (JSON.parse(result.stdout) as { session_id: string }[]).map(
      ({ session_id }) => session_id,
    );
  };
  return { folder, run, scores, listed };
}
