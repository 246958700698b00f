import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** Exits at once if everything fits on the screen, keeps colour, leaves the text on the screen. */
const USUAL_PAGER = 'less -FRX';

/** Shows lines in `$PAGER`; false if none is wanted or it cannot be started. */
export async function pageThrough(
  env: NodeJS.ProcessEnv,
  lines: Iterable<string>,
): Promise<boolean> {
  const pager = await startPager(env);
  if (pager?.stdin == null) return false;
  const ended = once(pager, 'exit');
  try {
    await pipeline(Readable.from(lines), pager.stdin);
  } catch (error) {
    if (!hasLeft(error)) throw error;
  }
  await ended;
  return true;
}

/** Starts the pager without a shell; undefined if none is wanted or it cannot be started. */
async function startPager(env: NodeJS.ProcessEnv): Promise<ChildProcess | undefined> {
  const [command, ...args] = (env['PAGER'] ?? USUAL_PAGER).split(/\s+/).filter(Boolean);
  if (command === undefined || command === 'cat') return undefined;
  const child = spawn(command, args, {
    stdio: ['pipe', 'inherit', 'inherit'],
    env: { LESS: 'FRX', ...env },
  });
  try {
    await once(child, 'spawn');
    return child;
  } catch {
    return undefined;
  }
}

/** The user may close the pager before the end of the text. */
function hasLeft(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'EPIPE' || code === 'ECONNRESET' || code === 'ERR_STREAM_PREMATURE_CLOSE';
}
