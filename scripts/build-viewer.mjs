// Bundles the viewer's page program (src/view/app) into two strings that are part of the command's bundle.
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { licenceTexts, packageFolders } from './third-party.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const MODULE = 'virtual:viewer-assets';

/**
 * The page's program and style sheet, minified. Every page is a copy of the libraries in it, so their licences lead the
 * program; `packages` are the folders of these libraries.
 * @returns {Promise<{script: string, style: string, packages: string[]}>}
 */
export async function viewerAssets() {
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
    metafile: true,
    logLevel: 'warning',
    charset: 'ascii',
    define: { 'process.env.NODE_ENV': '"production"' },
  });
  const textOf = (ending) =>
    result.outputFiles.find((file) => file.path.endsWith(ending)).text.trim();
  const packages = packageFolders(result.metafile, root);
  const script = `/*\n${licenceTexts(packages)}\n*/\n${textOf('.js')}`;
  const style = textOf('.css');
  if (/<\/script|<!--/i.test(script) || /<\/style/i.test(style)) {
    throw new Error('the viewer bundle would end its own element');
  }
  return { script, style, packages };
}

/**
 * Lets a bundle import the page from `virtual:viewer-assets`.
 * @param {{script: string, style: string}} assets
 * @returns {import('esbuild').Plugin}
 */
export function viewerAssetsPlugin({ script, style }) {
  return {
    name: 'viewer-assets',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^virtual:viewer-assets$/ }, () => ({ path: MODULE, namespace: MODULE }));
      onLoad({ filter: /.*/, namespace: MODULE }, () => ({
        contents: JSON.stringify({ script, style }),
        loader: 'json',
      }));
    },
  };
}
