import { readFileSync, statSync } from 'node:fs';

/** Paths that a shell passes: `<(…)`, and what is piped into the program. */
const FROM_SHELL = /^\/(?:dev\/(?:fd\/\d+|stdin)|proc\/(?:self|\d+)\/fd\/\d+)$/;

/** The bytes of a file that the user named. Throws what reading throws, and what {@link refuseEndless} throws. */
export function readNamedFile(path: string): Buffer {
  refuseEndless(path);
  return readFileSync(path);
}

/** Throws for a pipe or a device: opening or reading it may block for ever, deaf to signals. */
export function refuseEndless(path: string): void {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined || stat.isFile() || stat.isDirectory()) return;
  if (path === '/dev/null' || FROM_SHELL.test(path)) return;
  throw new Error('it is a pipe or a device, not a regular file');
}
