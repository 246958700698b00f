import { spawn } from 'node:child_process';
import { release } from 'node:os';

/** How long an opener may run before it counts as having opened something. */
const WAIT_MILLIS = 1000;

/** The platform's way to open a file, or undefined where there is no screen to open it on. */
function openerOf(env: NodeJS.ProcessEnv): readonly string[] | undefined {
  if (process.platform === 'darwin') return ['open'];
  if (process.platform === 'win32') return ['rundll32', 'url.dll,FileProtocolHandler'];
  const set = (name: string) => (env[name] ?? '') !== '';
  if (set('DISPLAY') || set('WAYLAND_DISPLAY')) return ['xdg-open'];
  return /microsoft/i.test(release()) ? ['wslview'] : undefined;
}

/**
 * Opens a file with the platform's program for it, without a shell. Resolves to why that was not possible, or to
 * undefined when it was; never throws, and does not wait for the browser to end.
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
