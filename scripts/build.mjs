// Bundles the entries. CommonJS because its start-up is the cheapest; native and
// OpenTelemetry modules stay external so that they load only when a command needs them.
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { viewerAssetsPlugin } from './build-viewer.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = join(root, 'dist');
const pkg = JSON.parse(readFileSync(`${root}/package.json`, 'utf8'));

const shared = {
  absWorkingDir: root,
  bundle: true,
  write: false,
  platform: 'node',
  target: 'node20.19',
  logLevel: 'warning',
  define: { __VERSION__: JSON.stringify(pkg.version) },
  legalComments: 'none',
};
const commonJs = { ...shared, outdir: dist, format: 'cjs', outExtension: { '.js': '.cjs' } };
const external = [
  'better-sqlite3',
  '@opentelemetry/*',
  '@pydantic/genai-prices',
  'https-proxy-agent',
  'http-proxy-agent',
  'zod',
];

/** A program that runs while it is built finds either the old file or the new one, never half of one. */
function put(name, contents) {
  const half = join(dist, `.${name}.${process.pid}`);
  writeFileSync(half, contents);
  renameSync(half, join(dist, name));
}

async function bundle(options) {
  const { outputFiles } = await build(options);
  for (const file of outputFiles) put(basename(file.path), file.contents);
}

mkdirSync(dist, { recursive: true });
await bundle({
  ...commonJs,
  entryPoints: { main: 'src/main.ts' },
  // Names stay, so that a stack in a report says something.
  minifyWhitespace: true,
  minifySyntax: true,
  external,
  plugins: [viewerAssetsPlugin()],
});
await bundle({
  ...commonJs,
  entryPoints: { hook: 'src/hook.ts' },
  minify: true,
  external: ['better-sqlite3'],
});
const help = spawnSync(process.execPath, [join(dist, 'main.cjs'), '--help'], { encoding: 'utf8' });
if (help.status !== 0) throw new Error(`--help failed: ${help.stderr}`);
put('help.txt', help.stdout);
await bundle({
  ...commonJs,
  entryPoints: { cli: 'src/cli.ts' },
  minify: true,
  external: ['./hook.cjs', './main.cjs'],
  banner: { js: '#!/usr/bin/env node' },
});
chmodSync(join(dist, 'cli.cjs'), 0o755);
