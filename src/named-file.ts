import { readFileSync, statSync } from 'node:fs';

/** What a shell hands over: `<(…)`, and what is piped into the program. */
const FROM_SHELL = /^\/(?:dev\/(?:fd\/\d+|stdin)|proc\/(?:self|\d+)\/fd\/\d+)$/;

/** The bytes of a file that a person named. Throws what reading throws, and what {@link refuseEndless} does. */
export function readNamedFile(path: string): Buffer {
  refuseEndless(path);
  return readFileSync(path);
}

/** Throws for a pipe or a device: to open or to read it may take for ever, and hears no signal. */
export function refuseEndless(path: string): void {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined || stat.isFile() || stat.isDirectory()) return;
  if (path === '/dev/null' || FROM_SHELL.test(path)) return;
  throw new Error('it is a pipe or a device; a regular file is needed');
}
