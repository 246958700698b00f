import { fstatSync, readSync } from 'node:fs';

const CHUNK = 64 * 1024;

/** What was read from a pipe or file: its text, or why there is none. */
export type Input = { readonly text: string } | { readonly problem: string };

/**
 * Reads all input, up to `mostBytes`. Stops early once `isComplete` says that the text is complete: not every agent
 * closes the pipe. Does not read from a terminal.
 */
export function readInput(
  fd: number,
  mostBytes: number,
  isComplete: (text: string) => boolean,
): Input {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    if (fstatSync(fd).isCharacterDevice()) return { problem: 'no input' };
    for (;;) {
      const chunk = Buffer.allocUnsafe(CHUNK);
      const read = readSome(fd, chunk);
      if (read === 0) break;
      chunks.push(chunk.subarray(0, read));
      size += read;
      if (size > mostBytes) return { problem: `input over ${mostBytes} bytes` };
      if (read < CHUNK && endsLikeJson(chunk, read) && isComplete(textOf(chunks))) break;
    }
  } catch (error) {
    return { problem: `input cannot be read (${String((error as NodeJS.ErrnoException).code)})` };
  }
  return size === 0 ? { problem: 'no input' } : { text: textOf(chunks) };
}

/** Some shells prepend a byte order mark to what they pass on. */
function textOf(chunks: readonly Buffer[]): string {
  return Buffer.concat(chunks)
    .toString('utf8')
    .replace(/^\uFEFF/, '');
}

/** A non-blocking pipe fails with EAGAIN while it is empty. */
function readSome(fd: number, chunk: Buffer): number {
  for (let tries = 0; ; tries++) {
    try {
      return readSync(fd, chunk, 0, chunk.length, null);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EOF') return 0;
      if (code !== 'EAGAIN' || tries > 400) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    }
  }
}

function endsLikeJson(chunk: Buffer, length: number): boolean {
  for (let at = length - 1; at >= 0 && at > length - 8; at--) {
    const byte = chunk[at];
    if (byte === 0x7d) return true;
    if (byte !== 0x0a && byte !== 0x0d && byte !== 0x20) return false;
  }
  return false;
}
