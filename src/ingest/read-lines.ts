import { isAscii, isUtf8, transcode } from 'node:buffer';
import { readSync } from 'node:fs';
import { Decompress } from 'fzstd';
import { ZstdFrames } from './zstd-frames.ts';

/** Longest line that is read; a longer one is counted as broken and skipped in constant memory. */
export const MAX_LINE_BYTES = 64 * 1024 * 1024;
const CHUNK_BYTES = 1024 * 1024;

export interface Line {
  /** Without its line end; undefined if it was too long to hold. */
  readonly text: string | undefined;
  /** Counts from 1 at the beginning of the file. */
  readonly number: number;
  /** File position after the line and its line end. */
  readonly endOffset: number;
  /** False for text after the last line end: the last line of a live file may still be growing. */
  readonly terminated: boolean;
}

/** The bytes of an open file from a position on, chunk by chunk; a chunk is valid until the next one is read. */
export function* fileChunks(file: number, offset: number): Generator<Buffer> {
  const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
  let position = offset;
  for (;;) {
    const count = readSync(file, chunk, 0, CHUNK_BYTES, position);
    if (count === 0) return;
    yield chunk.subarray(0, count);
    position += count;
  }
}

/** Compressed bytes passed to the decoder at once: one byte of a repeat block becomes 32 KiB. */
const SLICE_BYTES = 1024;

/**
 * The decompressed bytes of a Zstandard file, with about 32 MiB of them in memory at most. Throws what the decoder
 * throws for damaged input, and `unreadable_input` if decoding would take too much memory.
 */
export function* zstdChunks(file: number): Generator<Buffer> {
  const ready: Buffer[] = [];
  const decoder = new Decompress((bytes) => void ready.push(Buffer.from(bytes)));
  const frames = new ZstdFrames();
  for (const chunk of fileChunks(file, 0)) {
    // The decoder holds on to bytes that it cannot decode yet.
    const bytes = Buffer.from(chunk);
    for (let at = 0; at < bytes.length; at += SLICE_BYTES) {
      const slice = bytes.subarray(at, at + SLICE_BYTES);
      frames.see(slice);
      decoder.push(slice);
      yield* ready.splice(0);
    }
  }
  decoder.push(new Uint8Array(0), true);
  yield* ready;
}

/** Up to this many bytes, `toString` is as fast. */
const MANY_BYTES = 2048;

/**
 * Decodes UTF-8, replacing invalid bytes. Node 20 decodes non-ASCII text at 1 GB/s, but converts it to its own two-byte
 * encoding at 3 GB/s.
 */
function decoded(bytes: Buffer): string {
  if (bytes.length < MANY_BYTES || isAscii(bytes) || !isUtf8(bytes)) return bytes.toString('utf8');
  return transcode(bytes, 'utf8', 'ucs2').toString('ucs2');
}

/** After a power loss, a file may hold zeros where bytes had not been written, and continue after them. */
function withoutZeros(text: string): string {
  let from = 0;
  while (text.charCodeAt(from) === 0) from++;
  return text.slice(from);
}

/**
 * Lines of a stream of chunks that begins at `offset`. Splits at `\n` only (U+2028 is content), removes CR, BOM and
 * zeros before a line, and replaces invalid UTF-8. Holds one chunk and one line in memory.
 */
export function* readLines(
  chunks: Iterable<Buffer>,
  offset: number,
  firstNumber: number,
): Generator<Line> {
  let parts: Buffer[] = [];
  let held = 0;
  let tooLong = false;
  let number = firstNumber;
  let position = offset;

  function take(last: Buffer, endOffset: number, terminated: boolean): Line {
    let text: string | undefined;
    if (!tooLong) {
      const bytes = parts.length === 0 ? last : Buffer.concat([...parts, last]);
      text = decoded(bytes);
      if (text.endsWith('\r')) text = text.slice(0, -1);
      const first = text.charCodeAt(0);
      if (first === 0xfeff) text = text.slice(1);
      else if (first === 0) text = withoutZeros(text);
    }
    parts = [];
    held = 0;
    tooLong = false;
    return { text, number: number++, endOffset, terminated };
  }

  for (const chunk of chunks) {
    let start = 0;
    for (;;) {
      const end = chunk.indexOf(10, start);
      if (end === -1) break;
      yield take(chunk.subarray(start, end), position + end + 1, true);
      start = end + 1;
    }
    if (start < chunk.length) {
      held += chunk.length - start;
      if (held > MAX_LINE_BYTES) {
        tooLong = true;
        parts = [];
      } else parts.push(Buffer.from(chunk.subarray(start)));
    }
    position += chunk.length;
  }
  if (held > 0) yield take(Buffer.alloc(0), position, false);
}
