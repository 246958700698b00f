// The launcher: a hook runs inside another agent's turn and must not wait for the program to load.
import { readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { VERSION } from './version.ts';

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

/** The help that the build took from the program. */
function help(): string | undefined {
  try {
    return readFileSync(join(__dirname, 'help.txt'), 'utf8');
  } catch {
    return undefined;
  }
}

function answered(): boolean {
  if (args.length > 1) return false;
  if (args[0] === '--version' || args[0] === '-V') return print(`${VERSION}\n`);
  if (args[0] !== undefined && args[0] !== '--help' && args[0] !== '-h') return false;
  const text = help();
  return text !== undefined && print(text);
}

if (args[0] === 'hook' && args[1] !== '--help' && args[1] !== '-h') require('./hook.cjs');
else if (!answered()) require('./main.cjs');
