import { join } from 'node:path';

/** Where the store lies: `--db`, else `AGENT_STRACE_DB`, else the platform's folder for application data. */
export function storePath(flag: string | undefined, env: NodeJS.ProcessEnv = process.env): string {
  if (flag !== undefined && flag !== '') return flag;
  const named = env['AGENT_STRACE_DB'];
  if (named !== undefined && named !== '') return named;
  return join(dataFolder(env), 'agent-strace', 'store.db');
}

/** Loaded only where it is asked: a hook's start is waited for. */
function homedir(): string {
  return process.getBuiltinModule('node:os').homedir();
}

function dataFolder(env: NodeJS.ProcessEnv): string {
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Application Support');
  if (process.platform === 'win32')
    return env['LOCALAPPDATA'] ?? join(homedir(), 'AppData', 'Local');
  const named = env['XDG_DATA_HOME'];
  return named?.startsWith('/') ? named : join(homedir(), '.local', 'share');
}
