import { join } from 'node:path';
import { runCli } from './cli.ts';
import { writeExampleStore } from './example-store.ts';
import {
  type LangfuseServerOptions,
  PUBLIC_KEY,
  SECRET_KEY,
  startLangfuse,
} from './langfuse-server.ts';
import { temporaryFolder } from './temporary-store.ts';

const KEYS = { LANGFUSE_PUBLIC_KEY: PUBLIC_KEY, LANGFUSE_SECRET_KEY: SECRET_KEY };

/** A store with the recorded session, and a Langfuse; `run` is a person with the usual variables set. */
export async function langfuseProject(
  options: LangfuseServerOptions = {},
  env: Record<string, string> = {},
) {
  const db = join(temporaryFolder(), 'store.db');
  const langfuse = await startLangfuse(options);
  await writeExampleStore(db);
  const variables = { ...KEYS, LANGFUSE_BASE_URL: langfuse.url, ...env };
  const run = (...args: string[]) => runCli([...args, '--db', db], { env: variables });
  const send = (...args: string[]) => run('export', '--backend', 'langfuse', ...args);
  return { langfuse, run, send };
}
