import { realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { AgentStraceError } from '../errors.ts';

/**
 * Where the store lies: `--db`, else `AGENT_STRACE_DB`, else the platform's folder for application data. Throws `usage` for
 * an empty flag, and where the platform's folder is needed and HOME is empty.
 */
export function storePath(flag: string | undefined, env: NodeJS.ProcessEnv = process.env): string {
  // A script's variable that is not set would mean somebody's own store.
  if (flag === '')
    throw new AgentStraceError('usage', '--db is empty; name a file, or leave the flag out');
  if (flag !== undefined) return flag;
  const named = env['AGENT_STRACE_DB'];
  if (named !== undefined && named !== '') return named;
  return join(dataFolder(env), 'agent-strace', 'store.db');
}

/**
 * One name for a file that several links lead to, so that what lies beside a store is found by all; of a file that is not
 * there yet, by its folder.
 */
export function withoutLinks(path: string): string {
  try {
    return realpathSync.native(path);
  } catch {
    try {
      return join(realpathSync.native(dirname(path)), basename(path));
    } catch {
      return path;
    }
  }
}

/** Loaded only where it is asked: a hook's start is waited for. */
function homedir(): string {
  const home = process.getBuiltinModule('node:os').homedir();
  // The folder that somebody happens to be in is no place for it.
  if (home === '')
    throw new AgentStraceError(
      'usage',
      'HOME is empty, so the store has no place; set it, or name a file with --db',
    );
  return home;
}

function dataFolder(env: NodeJS.ProcessEnv): string {
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Application Support');
  if (process.platform === 'win32')
    return env['LOCALAPPDATA'] ?? join(homedir(), 'AppData', 'Local');
  const named = env['XDG_DATA_HOME'];
  return named?.startsWith('/') ? named : join(homedir(), '.local', 'share');
}
