import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { endedBySignals } from './ended-by-signals.ts';
import { AgentStraceError, whyUnreadable } from './errors.ts';

/** Paths that a shell passes: `<(…)`, and what is piped into the program. */
const FROM_SHELL = /^\/(?:dev\/(?:fd\/\d+|stdin)|proc\/(?:self|\d+)\/fd\/\d+)$/;

const CHUNK_BYTES = 64 * 1024;
/** Far more than settings, rules, keys or certificates need. */
const MOST_BYTES = 8 * 1024 * 1024;

/**
 * The bytes of a file that the user named, or of standard input (0). Throws what reading throws, what
 * {@link refuseEndless} throws, and for more than `most` bytes, of which no more are held.
 */
export function readNamedFile(path: string | 0, most = MOST_BYTES): Buffer {
  if (path !== 0) refuseEndless(path);
  const mayBlock = path === 0 || FROM_SHELL.test(path);
  return mayBlock ? endedBySignals(() => bounded(path, most)) : bounded(path, most);
}

/** As {@link readNamedFile}, but throws `unreadable_input`: the complaint, a colon and why the file cannot be read. */
export function readOrComplain(complaint: string, path: string | 0, most = MOST_BYTES): Buffer {
  try {
    return readNamedFile(path, most);
  } catch (cause) {
    throw new AgentStraceError('unreadable_input', `${complaint}: ${whyUnreadable(cause)}`, {
      cause,
    });
  }
}

function bounded(path: string | 0, most: number): Buffer {
  const file = path === 0 ? 0 : openSync(path, 'r');
  try {
    const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
    const parts: Buffer[] = [];
    for (let held = 0; held <= most; held += parts.at(-1)!.length) {
      const length = readSync(file, chunk);
      if (length === 0) return Buffer.concat(parts);
      // A copy: a pipe may give a few bytes at a time.
      parts.push(Buffer.from(chunk.subarray(0, length)));
    }
  } finally {
    if (path !== 0) closeSync(file);
  }
  throw new Error(`it is larger than ${most / 2 ** 20} MiB`);
}

/** Throws for a pipe or a device: opening or reading it may block for ever, deaf to signals. */
export function refuseEndless(path: string): void {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined || stat.isFile() || stat.isDirectory()) return;
  if (path === '/dev/null' || FROM_SHELL.test(path)) return;
  throw new Error('it is a pipe or a device, not a regular file');
}
