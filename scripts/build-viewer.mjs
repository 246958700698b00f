// Bundles the viewer's page program (src/view/app) into two strings that the command carries with it.
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const MODULE = 'virtual:viewer-assets';
/** The licences of the libraries in the bundle ask for their notice to go with it. */
const NOTICE =
  '/* With preact (MIT, (c) 2015-present Jason Miller) and uPlot (MIT, (c) 2022 Leon Sorokin). */';

/**
 * The page's program and style sheet, minified.
 * @param {{nodePaths?: string[]}} [options]
 * @returns {Promise<{script: string, style: string}>}
 */
export async function viewerAssets(options = {}) {
  const result = await build({
    absWorkingDir: root,
    entryPoints: ['src/view/app/main.tsx'],
    bundle: true,
    minify: true,
    write: false,
    outdir: 'out',
    format: 'iife',
    platform: 'browser',
    target: ['chrome123', 'firefox120', 'safari17.5'],
    jsx: 'automatic',
    jsxImportSource: 'preact',
    legalComments: 'none',
    banner: { js: NOTICE },
    logLevel: 'warning',
    charset: 'ascii',
    define: { 'process.env.NODE_ENV': '"production"' },
    nodePaths: options.nodePaths ?? [],
  });
  const textOf = (ending) =>
    result.outputFiles.find((file) => file.path.endsWith(ending)).text.trim();
  const script = textOf('.js');
  const style = textOf('.css');
  if (/<\/script|<!--/i.test(script) || /<\/style/i.test(style)) {
    throw new Error('the viewer bundle would end its own element');
  }
  return { script, style };
}

/**
 * Lets a bundle import the page from `virtual:viewer-assets`.
 * @returns {import('esbuild').Plugin}
 */
export function viewerAssetsPlugin(options = {}) {
  return {
    name: 'viewer-assets',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^virtual:viewer-assets$/ }, () => ({ path: MODULE, namespace: MODULE }));
      onLoad({ filter: /.*/, namespace: MODULE }, async () => ({
        contents: JSON.stringify(await viewerAssets(options)),
        loader: 'json',
      }));
    },
  };
}
