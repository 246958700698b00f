// The launcher: a hook runs inside another agent's turn and must not wait for the program to load.
import { closeSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { Script } from 'node:vm';
import { VERSION } from './version.ts';

declare const __HOOK_BUILD__: string;

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

/** Runs the hook from what was compiled the first time. */
function runHook(words: readonly string[]): void {
  const name = `hook.${__HOOK_BUILD__}.${process.versions.v8}-${process.arch}.cache`;
  const source = beside('hook.cjs')?.toString('latin1');
  const cachedData = beside(name);
  if (source === undefined) return;
  const filename = join(__dirname, 'hook.cjs');
  const script = new Script(`(function(exports,require,module){${source}\n})`, {
    filename,
    ...(cachedData && { cachedData }),
  });
  const module: { exports: Partial<typeof import('./hook.ts')> } = { exports: {} };
  script.runInThisContext()(module.exports, require, module);
  module.exports.runHook?.(words);
  if (cachedData === undefined) keep(name, script);
}

/** Keeps the compiled form, where this folder can be written. */
function keep(name: string, script: Script): void {
  try {
    const half = join(__dirname, `${name}.${process.pid}`);
    const file = openSync(half, 'wx', 0o644);
    writeSync(file, script.createCachedData());
    closeSync(file);
    renameSync(half, join(__dirname, name));
  } catch {
    // It is compiled again the next time.
  }
}

if (args[0] === 'hook' && args[1] !== '--help' && args[1] !== '-h') {
  try {
    runHook(args.slice(1));
  } catch {
    // Whatever it is, an agent waits and would show it to people who did not ask.
  }
  // Everything is on the disk: nothing is left to be tidied up.
  process.exit(0);
} else if (!answered()) require('./main.cjs');
