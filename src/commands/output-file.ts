import { closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { AgentStraceError, messageOf } from '../errors.ts';

/** The pieces of a chunk live until it is written: many of them would count as old and be collected late. */
const CHUNK_CHARACTERS = 200_000;

/**
 * Writes text to a file that only its owner may read, letting other work happen between the chunks.
 * Throws `output_failed` where the file cannot be written or `signal` was aborted, leaving no half of a file.
 */
export async function writeOutputFile(
  path: string,
  pieces: Iterable<string>,
  signal: AbortSignal,
): Promise<void> {
  let file: number | undefined;
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    file = openSync(path, 'w', 0o600);
    for (const chunk of inChunks(pieces)) {
      writeWhole(file, Buffer.from(chunk, 'utf8'));
      await setImmediate();
      if (signal.aborted)
        throw new AgentStraceError('output_failed', `stopped; ${path} was not written`);
    }
  } catch (error) {
    if (file !== undefined) rmSync(path, { force: true });
    if (error instanceof AgentStraceError || (error as NodeJS.ErrnoException).syscall === undefined)
      throw error;
    const reason = (error as NodeJS.ErrnoException).code ?? messageOf(error);
    throw new AgentStraceError('output_failed', `cannot write ${path}: ${reason}`, {
      cause: error,
    });
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

function writeWhole(file: number, bytes: Uint8Array): void {
  for (let rest = bytes; rest.length > 0; ) rest = rest.subarray(writeSync(file, rest));
}

/** Small pieces together, so that a session of many operations needs few writes. */
function* inChunks(pieces: Iterable<string>): Generator<string> {
  let held = '';
  for (const piece of pieces) {
    held += piece;
    if (held.length < CHUNK_CHARACTERS) continue;
    yield held;
    held = '';
  }
  if (held !== '') yield held;
}
