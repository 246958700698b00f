// Writes dist/types: the declarations of what the package exports, and nothing else.
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = join(root, 'dist/types');
const compiler = createRequire(import.meta.url).resolve('typescript/package.json');

rmSync(folder, { recursive: true, force: true });
const { status } = spawnSync(
  process.execPath,
  [join(dirname(compiler), 'bin/tsc'), '-p', 'tsconfig.types.json'],
  { cwd: root, stdio: 'inherit' },
);
if (status !== 0) process.exit(status ?? 1);
for (const name of readdirSync(folder, { recursive: true })) {
  if (!name.endsWith('.d.ts')) continue;
  const file = join(folder, name);
  // TypeScript finds "./x.d.ts" for "./x.js" in every module system.
  const types = readFileSync(file, 'utf8').replace(/(from '\.[^']+)\.ts'/g, "$1.js'");
  writeFileSync(file, types);
  // A program in CommonJS needs declarations that are CommonJS throughout.
  writeFileSync(
    file.replace(/\.d\.ts$/, '.d.cts'),
    types.replace(/(from '\.[^']+)\.js'/g, "$1.cjs'"),
  );
}
