import { spawn } from 'node:child_process';
import { release } from 'node:os';

/** If the opener is still running after this long, the file counts as opened. */
const WAIT_MILLIS = 1000;

/** The platform's command to open a file, or undefined if there is no display. */
function openerOf(env: NodeJS.ProcessEnv): readonly string[] | undefined {
  if (process.platform === 'darwin') return ['open'];
  if (process.platform === 'win32') return ['rundll32', 'url.dll,FileProtocolHandler'];
  const set = (name: string) => (env[name] ?? '') !== '';
  if (set('DISPLAY') || set('WAYLAND_DISPLAY')) return ['xdg-open'];
  return /microsoft/i.test(release()) ? ['wslview'] : undefined;
}

/**
 * Opens a file with the platform's program for it, without a shell. Resolves to why that failed, or to undefined on
 * success; never throws, and does not wait for the browser to close.
 */
export function openInBrowser(path: string, env: NodeJS.ProcessEnv): Promise<string | undefined> {
  const [command, ...args] = openerOf(env) ?? [];
  if (command === undefined) return Promise.resolve('there is no display');
  return new Promise((resolve) => {
    const child = spawn(command, [...args, path], { stdio: 'ignore', detached: true, env });
    const timer = setTimeout(() => resolve(undefined), WAIT_MILLIS);
    const settle = (reason: string | undefined) => {
      clearTimeout(timer);
      resolve(reason);
    };
    child.once('error', () => settle(`${command} could not be started`));
    child.once('exit', (code) => settle(code === 0 ? undefined : `${command} failed`));
    child.unref();
  });
}
