// Bundles the entries. CommonJS because its start-up is the cheapest; native and
// OpenTelemetry modules stay external so that they load only when a command needs them.
import { readFileSync, rmSync, chmodSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { viewerAssetsPlugin } from './build-viewer.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const pkg = JSON.parse(readFileSync(`${root}/package.json`, 'utf8'));
rmSync(`${root}/dist`, { recursive: true, force: true });

const shared = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  target: 'node20.19',
  logLevel: 'warning',
  define: { __VERSION__: JSON.stringify(pkg.version) },
  legalComments: 'none',
};
const external = ['better-sqlite3', '@opentelemetry/*', '@pydantic/genai-prices', 'https-proxy-agent', 'http-proxy-agent'];

await build({
  ...shared,
  entryPoints: { cli: 'src/cli.ts' },
  outdir: 'dist',
  format: 'cjs',
  outExtension: { '.js': '.cjs' },
  banner: { js: '#!/usr/bin/env node' },
  external,
  plugins: [viewerAssetsPlugin()],
});
chmodSync(`${root}/dist/cli.cjs`, 0o755);
