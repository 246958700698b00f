import { execFileSync } from 'node:child_process';
import { CLI } from './cli.ts';

/** The same as `runCli` where no file can grow over `blocks` of 512 bytes, as on a disk that fills up. */
export function runOnFullDisk(
  blocks: number,
  args: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
  input = '',
): { code: number; stderr: string } {
  const line = `ulimit -f ${blocks}; exec "$0" "$@"`;
  try {
    execFileSync('bash', ['-c', line, process.execPath, CLI, ...args], {
      env,
      input,
      stdio: 'pipe',
    });
    return { code: 0, stderr: '' };
  } catch (error) {
    const { status, stderr } = error as { status: number; stderr: Buffer };
    return { code: status, stderr: stderr.toString() };
  }
}
