import { fstatSync } from 'node:fs';
import { AgentStraceError, ClosedPipe, whyUnwritable } from '../../errors.ts';

/** How long a reader may stall once the program is to stop, in milliseconds. */
const STANDSTILL_MILLIS = 1000;
/** Capacity of a pipe: with larger pieces, it would be impossible to tell whether the reader makes progress. */
const PIECE_BYTES = 64 * 1024;

/** Standard output as a pipe. Signals are noticed while it is full. */
export interface StdoutPipe {
  /** Copies the bytes and writes them after the preceding ones. */
  write(bytes: Uint8Array): void;
  /**
   * Resolves when everything is written. Throws {@link ClosedPipe} if nobody reads, or if the reader stalls after
   * `signal` was aborted, and `output_failed`.
   */
  emptied(): Promise<void>;
}

/** Undefined if standard output is not a pipe, or one that cannot be waited for. */
export function stdoutPipe(signal: AbortSignal): StdoutPipe | undefined {
  if (process.platform === 'win32' || !isPipe(1)) return undefined;
  const { Socket } = process.getBuiltinModule('node:net');
  const socket = new Socket({ fd: 1, readable: false, writable: true });
  // Errors are reported by the write of each piece.
  socket.on('error', () => undefined);
  const put = (piece: Uint8Array) =>
    new Promise<void>((resolve, reject) => {
      let timer: NodeJS.Timeout | undefined;
      const stop = () => {
        timer = setTimeout(() => reject(new ClosedPipe()), STANDSTILL_MILLIS);
      };
      if (signal.aborted) stop();
      else signal.addEventListener('abort', stop, { once: true });
      socket.write(piece, (error) => {
        clearTimeout(timer);
        signal.removeEventListener('abort', stop);
        if (error) reject(failureOf(error));
        else resolve();
      });
    });
  const putAll = async (bytes: Uint8Array) => {
    for (let at = 0; at < bytes.length; at += PIECE_BYTES)
      await put(bytes.subarray(at, at + PIECE_BYTES));
  };
  let last: Promise<void> = Promise.resolve();
  return {
    write(bytes) {
      const copy = Uint8Array.from(bytes);
      last = last.then(() => putAll(copy));
      // Whoever waits for it gets the error.
      last.catch(() => undefined);
    },
    emptied: () => last,
  };
}

function isPipe(file: number): boolean {
  try {
    const stat = fstatSync(file);
    return stat.isFIFO() || stat.isSocket();
  } catch {
    return false;
  }
}

function failureOf(error: NodeJS.ErrnoException): Error {
  if (error.code === 'EPIPE' || error.code === 'ECONNRESET') return new ClosedPipe();
  return new AgentStraceError(
    'output_failed',
    `the output cannot be written: ${whyUnwritable(error)}`,
    { cause: error },
  );
}
