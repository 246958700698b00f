// The programs that a benchmark runs in processes of their own, bundled so that starting them costs little.
import { mkdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = join(root, 'node_modules/.cache/agent-strace-bench');

/**
 * Bundles TypeScript files given by their paths below `bench/`.
 * @param {string[]} sources
 * @returns {Promise<string[]>} the bundles' paths, in the same order
 */
export async function bundleChildren(...sources) {
  mkdirSync(folder, { recursive: true });
  await build({
    absWorkingDir: root,
    entryPoints: sources.map((source) => join('bench', source)),
    outdir: folder,
    entryNames: '[name]',
    outExtension: { '.js': '.cjs' },
    bundle: true,
    platform: 'node',
    target: 'node20.19',
    format: 'cjs',
    define: { 'import.meta.url': '__filename' },
    packages: 'external',
    logLevel: 'warning',
  });
  return sources.map((source) => join(folder, basename(source).replace(/\.ts$/, '.cjs')));
}
