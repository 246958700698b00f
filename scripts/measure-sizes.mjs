// Bytes per span on the wire for the bundled recording, for docs/scaling-out.md: `node scripts/measure-sizes.mjs [recordings]`.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const recordings = process.argv[2] ?? join(root, 'examples/recordings');
const folder = mkdtempSync(join(tmpdir(), 'agent-strace-sizes-'));
const store = join(folder, 'store.db');
let received = 0;
const server = createServer((request, response) => {
  request.on('data', (chunk) => {
    received += chunk.length;
  });
  request.on('end', () =>
    response.setHeader('content-type', request.headers['content-type']).end(''),
  );
});
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));

function strace(...args) {
  const child = spawn(process.execPath, [
    join(root, 'dist/cli.cjs'),
    ...args,
    '--db',
    store,
    '--json',
  ]);
  let text = '';
  child.stdout.on('data', (chunk) => {
    text += chunk;
  });
  return new Promise((resolve) => child.on('close', () => resolve(JSON.parse(text))));
}

await strace('import', recordings);
console.log('format        content   compression   bytes per span');
for (const format of ['otlp-genai', 'otlp', 'langfuse']) {
  for (const content of ['none', 'redacted']) {
    for (const compression of ['none', 'gzip']) {
      received = 0;
      const { destinations } = await strace(
        ...[
          'export',
          '--all',
          '--force',
          '--endpoint',
          `http://127.0.0.1:${server.address().port}`,
        ],
        ...['--format', format, '--content', content, '--compression', compression],
      );
      const perSpan = Math.round(received / destinations[0].accepted);
      console.log(
        `${format.padEnd(13)} ${content.padEnd(9)} ${compression.padEnd(13)} ${String(perSpan).padStart(14)}`,
      );
    }
  }
}
server.closeAllConnections();
server.close();
rmSync(folder, { recursive: true, force: true });
