import { appendFileSync, renameSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { withoutLinks } from '../store/location.ts';
import { makePrivateFolder } from '../store/private-folder.ts';

const MOST_BYTES = 256 * 1024;

/** The file beside the store in which problems with recording are noted. */
export function troubleLog(storePath: string): string {
  return `${withoutLinks(storePath)}.log`;
}

/** Notes a problem in one line; never what was to be recorded. The file and its predecessor stay under 256 KiB each. */
export function noteTrouble(storePath: string, words: string): void {
  try {
    const path = troubleLog(storePath);
    makePrivateFolder(dirname(path));
    if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) > MOST_BYTES)
      renameSync(path, `${path}.1`);
    appendFileSync(
      path,
      `${new Date().toISOString()} ${process.pid} ${words.replace(/\s+/g, ' ').slice(0, 500)}\n`,
      { mode: 0o600 },
    );
  } catch {
    // Nowhere left to report it.
  }
}

/** Name and place of a failure. Its message is left out because it may quote what was to be recorded. */
export function describeFailure(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  const code = (error as { code?: unknown }).code;
  const place = /\n\s+at ([^\n]{1,160})/.exec(error.stack ?? '')?.[1] ?? '';
  return [error.name, typeof code === 'string' ? code : '', place]
    .filter((part) => part !== '')
    .join(' ');
}
