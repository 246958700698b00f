import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Tests run the built program as a child process, so each test run starts from a fresh build. */
export default function setup(): void {
  if (process.env['AGENT_STRACE_SKIP_BUILD'] === '1') return;
  const script = fileURLToPath(new URL('../scripts/build.mjs', import.meta.url));
  execFileSync(process.execPath, [script], {
    stdio: 'inherit',
  });
}
