// The Python agent-strace, where it is installed. Our own command has the same name and is not meant.
import { accessSync, closeSync, constants, openSync, readSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { runOnce } from '../measure.mjs';

const NAMES = ['agent-strace', 'agent-trace'];

/** A script that Python runs, by its first line. */
function isPythons(path) {
  try {
    accessSync(path, constants.X_OK);
    const head = Buffer.alloc(200);
    const file = openSync(path, 'r');
    try {
      readSync(file, head, 0, head.length, 0);
    } finally {
      closeSync(file);
    }
    const [line] = head.toString('latin1').split('\n', 1);
    return line.startsWith('#!') && line.includes('python');
  } catch {
    return false;
  }
}

/** Path of the Python program, or undefined. */
export function pythonTool(path = process.env.PATH ?? '') {
  for (const folder of path.split(delimiter)) {
    for (const name of NAMES) {
      const found = join(folder, name);
      if (isPythons(found)) return found;
    }
  }
  return undefined;
}

/**
 * Its vocabulary with a span for each LLM call, or the older one, which has spans for tool calls alone.
 * @returns {Promise<'otlp-genai' | 'otlp'>}
 */
export async function formatOf(program) {
  const { stdout } = await runOnce(['export', '--help'], { program, keep: true });
  return stdout.includes('otlp-genai') ? 'otlp-genai' : 'otlp';
}

/** Arguments that send one session; it knows no selection of several and reads no OTEL_ variables for traces. */
export function exportArguments(folder, session, format, url) {
  return ['--trace-dir', folder, 'export', session, '--format', format, '--endpoint', url];
}
