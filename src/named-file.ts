import { readFileSync, statSync } from 'node:fs';

/** Paths that a shell passes: `<(…)`, and what is piped into the program. */
const FROM_SHELL = /^\/(?:dev\/(?:fd\/\d+|stdin)|proc\/(?:self|\d+)\/fd\/\d+)$/;

/** The bytes of a file that the user named. Throws what reading throws, and what {@link refuseEndless} throws. */
export function readNamedFile(path: string): Buffer {
  refuseEndless(path);
  return FROM_SHELL.test(path) ? endedBySignals(() => readFileSync(path)) : readFileSync(path);
}

/** As {@link readNamedFile}; `-` is standard input. */
export function readFileOrStdin(path: string): Buffer {
  return path === '-' ? endedBySignals(() => readFileSync(0)) : readNamedFile(path);
}

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/**
 * Makes a system call that may block for as long as another process likes. Node runs no signal handlers meanwhile, so
 * they are taken away and the system ends the program.
 */
export function endedBySignals<T>(call: () => T): T {
  const handlers = SIGNALS.map((signal) => [signal, process.listeners(signal)] as const);
  for (const signal of SIGNALS) process.removeAllListeners(signal);
  try {
    return call();
  } finally {
    for (const [signal, listeners] of handlers)
      for (const listener of listeners) process.on(signal, listener);
  }
}

/** Throws for a pipe or a device: opening or reading it may block for ever, deaf to signals. */
export function refuseEndless(path: string): void {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined || stat.isFile() || stat.isDirectory()) return;
  if (path === '/dev/null' || FROM_SHELL.test(path)) return;
  throw new Error('it is a pipe or a device, not a regular file');
}
