import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { CLI } from './cli.ts';
import { eventually } from './eventually.ts';
import { temporaryFolder } from './temporary-store.ts';

export interface WatchProcess {
  readonly child: ChildProcess;
  /** What it has written to stderr so far. */
  said(): string;
  until(pattern: RegExp): Promise<string>;
  /** Ctrl-C; resolves to the exit code. */
  stop(): Promise<number | null>;
  /** Kills it with SIGKILL. */
  kill(): Promise<void>;
}

/** `watch --all` on a store without any agent's logs, as a process of its own. */
export function startWatch(db: string, url: string, ...flags: string[]): WatchProcess {
  const args = ['--all', '--no-ingest', '--stream-to', url, '--db', db, ...flags];
  return startWatchIn(temporaryFolder(), ...args);
}

/** `watch` in a home folder with or without logs of agents. */
export function startWatchIn(home: string, ...args: string[]): WatchProcess {
  const child = spawn(process.execPath, [CLI, 'watch', ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { PATH: process.env.PATH, HOME: home },
    cwd: home,
  });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  return {
    child,
    said: () => said,
    async until(pattern) {
      await eventually(
        () => pattern.test(said),
        () => `${pattern} in:\n${said}`,
      );
      return said;
    },
    async stop() {
      child.kill('SIGINT');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
      return child.exitCode;
    },
    async kill() {
      child.kill('SIGKILL');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    },
  };
}
