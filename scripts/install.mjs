// Installs what package-lock.json names, telling people why it may take a while.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`agent-strace needs Node 20.19 or newer; this is ${process.version}`);
  process.exit(2);
}
if (!existsSync(`${root}/node_modules/better-sqlite3/build`)) {
  console.error(
    'Installing. Where no prebuilt binary can be fetched, better-sqlite3 is compiled: about a minute …',
  );
}
const { status } = spawnSync('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error'], {
  cwd: root,
  stdio: 'inherit',
  shell: process.platform === 'win32',
});
process.exit(status ?? 1);
