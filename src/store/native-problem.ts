import { messageOf } from '../errors.ts';

const REBUILD = 'run "npm rebuild better-sqlite3"';

/**
 * Why the native part of SQLite did not load and what to do, worded to follow the module's name; undefined for any
 * other error.
 */
export function nativeProblem(error: unknown): string | undefined {
  const message = messageOf(error);
  if (message.startsWith("Cannot find module 'better-sqlite3'"))
    return 'is not installed where the program runs; install it there, and let no bundler pack it (esbuild: --external:better-sqlite3)';
  if (/Could not locate the bindings file|Cannot find module .*better.sqlite3/.test(message))
    return `has no binary, because its install script did not run; allow install scripts of better-sqlite3 and ${REBUILD}`;
  // The loader says no more when it may not execute the file, or has no memory for it.
  if (message.includes('failed to map segment'))
    return 'cannot be loaded: its folder is on a file system that is mounted noexec, or memory is short';
  const { code } = error as { readonly code?: unknown };
  return message.includes('NODE_MODULE_VERSION') || code === 'ERR_DLOPEN_FAILED'
    ? `was built for another Node than ${process.version}; ${REBUILD}`
    : undefined;
}
