// The main steps on a bundled recording: import, store, trace to a file, a page for the browser, waterfall in the
// terminal.
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = join(root, '.agent-strace');
const store = join(folder, 'quickstart.db');
const trace = join(folder, 'quickstart-trace.json');
const page = join(folder, 'quickstart.html');
mkdirSync(folder, { recursive: true });

function run(...args) {
  console.error(`\n$ agent-strace ${args.map((arg) => relativeTo(arg)).join(' ')}`);
  const { status } = spawnSync(
    process.execPath,
    [join(root, 'dist/cli.cjs'), ...args, '--db', store],
    { stdio: 'inherit' },
  );
  if (status !== 0) process.exit(status ?? 1);
}

function relativeTo(arg) {
  return arg.startsWith(root) ? relative(process.cwd(), arg) || arg : arg;
}

run('import', join(root, 'examples/recordings'));
run('export', '--format', 'otlp-genai', '--output', trace);
run('view', '--no-open', '--output', page);
run('show');
console.error(`
The trace is in ${relativeTo(trace)}; open ${relativeTo(page)} in a browser to look around in it. Next, with your own recordings:

  node dist/cli.cjs import
  node dist/cli.cjs export --format otlp-genai --endpoint http://localhost:4318
`);
