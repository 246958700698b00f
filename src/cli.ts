// The launcher: a hook runs inside another agent's turn and must not wait for the program to load.
import {
  closeSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { Script } from 'node:vm';
import { VERSION } from './version.ts';

declare const __HOOK_BUILD__: string;
declare const __MAIN_BUILD__: string;
declare const __REST_BUILD__: string;
/** Names of the commands that have a compiled form of their own. */
declare const __COMMANDS__: readonly string[];

const args = process.argv.slice(2);

/** Prints a text that needs no program; false when it could not, and the program has to do it. */
function print(text: string): boolean {
  try {
    return writeSync(1, text) === Buffer.byteLength(text);
  } catch (error) {
    // A closed pipe is not an error, and nobody is there to read the text a second time.
    return (error as NodeJS.ErrnoException).code === 'EPIPE';
  }
}

/** A file beside this one; undefined when it is not there. */
function beside(name: string): Buffer | undefined {
  try {
    return readFileSync(join(__dirname, name));
  } catch {
    return undefined;
  }
}

function answered(): boolean {
  if (args.length > 1) return false;
  if (args[0] === '--version' || args[0] === '-V') return print(`${VERSION}\n`);
  if (args[0] !== undefined && args[0] !== '--help' && args[0] !== '-h') return false;
  const help = beside('help.txt');
  return help !== undefined && print(help.toString('utf8'));
}

interface Bundle<Exports> {
  readonly exports: Partial<Exports>;
  /** Keeps the compiled form for the next start, where there is none of use yet and this folder can be written. */
  readonly keep: () => void;
}

/**
 * Runs a bundle beside this file from what was compiled the first time, which is kept as `name`. The compiled form goes
 * with one build, one V8 and one processor; V8 refuses what it cannot use, and the bundle is then compiled again.
 */
function run<Exports>(
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
  const cachedData = ours ? beside(cache) : undefined;
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

/** Others find the whole file or none, also after the machine has lost its power. */
function write(name: string, data: () => Buffer): void {
  const half = join(__dirname, `${name}.${process.pid}`);
  try {
    const file = openSync(half, 'wx', 0o644);
    try {
      writeFileSync(file, data());
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

function runHook(words: readonly string[]): void {
  try {
    const { exports, keep } = run<typeof import('./hook.ts')>('hook.cjs', __HOOK_BUILD__, 'hook');
    exports.runHook?.(words);
    keep();
  } catch {
    // Whatever it is, an agent waits and would show it to people who did not ask.
  }
  // Everything is on the disk: nothing is left to be tidied up.
  process.exit(0);
}

function runMain(command: string | undefined): void {
  const known = command !== undefined && __COMMANDS__.includes(command) ? command : 'main';
  const kept: (() => void)[] = [];
  const main = run<typeof import('./main.ts')>('main.cjs', __MAIN_BUILD__, known, () => {
    const rest = run('rest.cjs', __REST_BUILD__, known);
    kept.push(rest.keep);
    return rest.exports;
  });
  kept.push(main.keep);
  void main.exports.ended?.then((ran) => {
    process.once('exit', () => {
      if (ran && known !== 'main') for (const keep of kept) keep();
      // What Node would tidy up now goes with the process.
      process.exit();
    });
  });
}

if (args[0] === 'hook' && args[1] !== '--help' && args[1] !== '-h') runHook(args.slice(1));
else if (!answered()) runMain(args[0]);
