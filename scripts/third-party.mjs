// The licences of packages whose code esbuild puts into a bundle: MIT and similar licences require their text in
// every copy.
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

/**
 * Folders of the packages that have code in a build.
 * @param {import('esbuild').Metafile} metafile
 * @param {string} root the build's working folder
 * @returns {string[]}
 */
export function packageFolders(metafile, root) {
  const folders = new Set();
  for (const { inputs } of Object.values(metafile.outputs)) {
    for (const [path, { bytesInOutput }] of Object.entries(inputs)) {
      const folder = /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0];
      if (folder !== undefined && bytesInOutput > 0) folders.add(resolve(root, folder));
    }
  }
  return [...folders].sort();
}

/**
 * Name, version and licence text of each package, one after the other.
 * @param {Iterable<string>} folders
 * @returns {string}
 */
export function licenceTexts(folders) {
  return [...folders].map(licenceText).sort().join('\n\n');
}

function licenceText(folder) {
  const { name, version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const file = readdirSync(folder).find((entry) => /^licen[cs]e(?:\.\w+)?$/i.test(entry));
  if (file === undefined) throw new Error(`${name} is bundled but has no licence file`);
  const text = readFileSync(join(folder, file), 'utf8').replaceAll('\r\n', '\n').trim();
  return `${name} ${version}\n\n${text}`;
}
