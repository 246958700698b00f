import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export const CLI = fileURLToPath(new URL('../../dist/cli.cjs', import.meta.url));

export interface CliResult {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliOptions {
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly input?: string;
  readonly cwd?: string;
  /** Another copy of the program. */
  readonly cli?: string;
  /** Called with the child as soon as it runs, to signal it or close its pipes. */
  readonly onStart?: (child: ReturnType<typeof spawn>) => void;
}

/** Variables of the machine that would change what the program does. */
const KEPT = ['PATH', 'TMPDIR', 'TEMP', 'SYSTEMROOT'];

/** Runs the built program as a person would, in a clean environment. */
export function runCli(args: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  const base = Object.fromEntries(KEPT.map((name) => [name, process.env[name]]));
  const child = spawn(process.execPath, [options.cli ?? CLI, ...args], {
    cwd: options.cwd,
    env: { ...base, ...options.env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
  child.stdin.on('error', () => undefined);
  child.stdin.end(options.input ?? '');
  options.onStart?.(child);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) =>
      resolve({
        code,
        signal,
        stdout: Buffer.concat(out).toString('utf8'),
        stderr: Buffer.concat(err).toString('utf8'),
      }),
    );
  });
}

export const RECORDINGS = fileURLToPath(new URL('../../examples/recordings', import.meta.url));
export const RECORDED_SESSION = '7b1f6c3e-52a4-4d0e-9c1b-0d6f3a9e4b21';
