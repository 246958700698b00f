import { isAscii, isUtf8, transcode } from 'node:buffer';
import { readSync } from 'node:fs';
import { Decompress } from 'fzstd';
import { ZstdFrames } from './zstd-frames.ts';

/** Longest line that is read; a longer one is counted as broken and passed over in constant memory. */
export const MAX_LINE_BYTES = 64 * 1024 * 1024;
const CHUNK_BYTES = 1024 * 1024;

export interface Line {
  /** Without its line end; undefined when it was too long to be held. */
  readonly text: string | undefined;
  /** Counts from 1 at the beginning of the file. */
  readonly number: number;
  /** File position after the line and its line end. */
  readonly endOffset: number;
  /** False for what stands after the last line end: a live file's last line may still be growing. */
  readonly terminated: boolean;
}

/** The bytes of an open file from a position on, a chunk at a time; a chunk is valid until the next one. */
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

/** Decoded at once: a byte of a block that repeats one becomes 32 KiB. */
const SLICE_BYTES = 1024;

/**
 * The decompressed bytes of a Zstandard file, some 32 MiB of them in memory at most. Throws what the decoder throws on
 * damaged input, and `unreadable_input` where its memory would not do.
 */
export function* zstdChunks(file: number): Generator<Buffer> {
  const ready: Buffer[] = [];
  const decoder = new Decompress((bytes) => void ready.push(Buffer.from(bytes)));
  const frames = new ZstdFrames();
  for (const chunk of fileChunks(file, 0)) {
    // The decoder keeps what it cannot decode yet.
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

/** Fewer bytes are decoded as fast by `toString`. */
const MANY_BYTES = 2048;

/**
 * UTF-8 as text, what is none replaced. Node 20 decodes what is not ASCII at 1 GB/s, and converts it to its own encoding of
 * two bytes a character at 3 GB/s.
 */
function decoded(bytes: Buffer): string {
  if (bytes.length < MANY_BYTES || isAscii(bytes) || !isUtf8(bytes)) return bytes.toString('utf8');
  return transcode(bytes, 'utf8', 'ucs2').toString('ucs2');
}

/** After a power loss a file may hold zeros where bytes were not written yet, and go on behind them. */
function withoutZeros(text: string): string {
  let from = 0;
  while (text.charCodeAt(from) === 0) from++;
  return text.slice(from);
}

/**
 * Lines of a stream of chunks that begins at `offset`, split at `\n` only (U+2028 is content), CR, BOM and zeros before
 * a line removed, invalid UTF-8 replaced. One chunk and one line are in memory at a time.
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
