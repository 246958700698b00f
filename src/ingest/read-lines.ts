import { readSync } from 'node:fs';

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

/**
 * Lines of an open file from `offset` on, split at `\n` only (U+2028 is content), CR and BOM removed,
 * invalid UTF-8 replaced. One chunk and one line are in memory at a time.
 */
export function* readLines(file: number, offset: number, firstNumber: number): Generator<Line> {
  const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
  let parts: Buffer[] = [];
  let held = 0;
  let tooLong = false;
  let number = firstNumber;
  let position = offset;

  function take(last: Buffer, endOffset: number, terminated: boolean): Line {
    let text: string | undefined;
    if (!tooLong) {
      const bytes = parts.length === 0 ? last : Buffer.concat([...parts, last]);
      text = bytes.toString('utf8');
      if (text.endsWith('\r')) text = text.slice(0, -1);
      if (text.charCodeAt(0) === 0xfeff) text = text.slice(1);
    }
    parts = [];
    held = 0;
    tooLong = false;
    return { text, number: number++, endOffset, terminated };
  }

  for (;;) {
    const count = readSync(file, chunk, 0, CHUNK_BYTES, position);
    if (count === 0) break;
    let start = 0;
    for (;;) {
      const end = chunk.subarray(0, count).indexOf(10, start);
      if (end === -1) break;
      yield take(chunk.subarray(start, end), position + end + 1, true);
      start = end + 1;
    }
    if (start < count) {
      held += count - start;
      if (held > MAX_LINE_BYTES) {
        tooLong = true;
        parts = [];
      } else parts.push(Buffer.from(chunk.subarray(start, count)));
    }
    position += count;
  }
  if (held > 0) yield take(Buffer.alloc(0), position, false);
}
