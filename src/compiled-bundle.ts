import {
  closeSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { Script } from 'node:vm';

/** A file beside this one; undefined when it is not there. */
export function beside(name: string): Buffer | undefined {
  try {
    return readFileSync(join(__dirname, name));
  } catch {
    return undefined;
  }
}

export interface Bundle<Exports> {
  readonly exports: Partial<Exports>;
  /** Keeps the compiled form for the next start, where there is none of use yet and this folder can be written. */
  readonly keep: () => void;
}

/**
 * Runs a bundle beside this file from what was compiled the first time, which is kept as `name`. The compiled form goes
 * with one build, one V8 and one processor; V8 refuses what it cannot use, and the bundle is then compiled again.
 */
export function runCompiled<Exports>(
  bundle: string,
  build: string,
  name: string,
  loadRest?: () => unknown,
): Bundle<Exports> {
  const filename = join(__dirname, bundle);
  // Without naming an encoding, which takes 0.15 ms more: the bundles are ASCII.
  const source = readFileSync(filename).toString();
  const cache = `${name}.${build}.${process.versions.v8}-${process.arch}.cache`;
  // While the program is being replaced, this file and the bundle may be of two builds.
  const ours = source.startsWith(`/*${build}*/`);
  const cachedData = ours ? undamaged(beside(cache)) : undefined;
  const script = new Script(source, { filename, ...(cachedData && { cachedData }) });
  const module: { exports: Partial<Exports> } = { exports: {} };
  const importModule = (id: string) => import(id);
  const start = script.runInThisContext();
  start(module.exports, require, module, filename, importModule, loadRest);
  const keep = () => {
    if (ours && (cachedData === undefined || script.cachedDataRejected))
      write(cache, () => script.createCachedData());
  };
  return { exports: module.exports, keep };
}

/**
 * What was kept, which is written twice: V8 takes flipped bits for code and crashes, and to compare costs 0.1 ms where
 * the cheapest digest costs 3.
 */
function undamaged(twice: Buffer | undefined): Buffer | undefined {
  const half = (twice?.length ?? 0) / 2;
  const once = twice?.subarray(0, half);
  return once?.equals(twice!.subarray(half)) ? once : undefined;
}

/** Others find the whole file or none, also after the machine has lost its power. */
function write(name: string, data: () => Buffer): void {
  const half = join(__dirname, `${name}.${process.pid}`);
  try {
    const file = openSync(half, 'wx', 0o644);
    try {
      const once = data();
      writeFileSync(file, Buffer.concat([once, once]));
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(half, join(__dirname, name));
  } catch {
    // It is compiled again the next time.
    rmSync(half, { force: true });
  }
}
