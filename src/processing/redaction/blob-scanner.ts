import type { Collector } from './found.ts';
import type { RedactionRule } from './rule.ts';

/** Base64 blobs of at least this many characters are replaced by their size. */
export const MIN_BLOB = 512;
/** Distance between samples: a blob of the minimum length contains one with this much on either side. */
const STRIDE = MIN_BLOB / 2;
const MARGIN = 64;

const IN_BLOB = new Uint8Array(256);
for (const character of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/_-') {
  IN_BLOB[character.charCodeAt(0)] = 1;
}
/** As `IN_BLOB`, plus line breaks. */
const AROUND = IN_BLOB.map((inBlob, byte) => (byte === 10 || byte === 13 ? 1 : inBlob));

const inBlob = (byte: number | undefined): boolean => byte !== undefined && IN_BLOB[byte] === 1;
const around = (bytes: Uint8Array, at: number): number => AROUND[bytes[at] as number] as number;

/** A few characters at odd distances distinguish prose and code from a blob. */
function mayBeBlob(bytes: Uint8Array, at: number): boolean {
  return (
    (around(bytes, at) &
      around(bytes, at + 7) &
      around(bytes, at - 6) &
      around(bytes, at + 13) &
      around(bytes, at - 11) &
      around(bytes, at + 22) &
      around(bytes, at - 19) &
      around(bytes, at + 37)) ===
    1
  );
}

/** Length in units of a line break between two lines of base64; 0 if there is none. */
function lineBreak(bytes: Uint8Array, at: number): number {
  const code = bytes[at];
  const length = code === 10 ? 1 : code === 13 && bytes[at + 1] === 10 ? 2 : 0;
  return length > 0 && inBlob(bytes[at + length]) ? length : 0;
}

/** Finds long base64, wrapped or not, by sampling every 256th character. */
export function createBlobScanner(rules: readonly RedactionRule[]): (collector: Collector) => void {
  return (collector) => {
    const { bytes, text } = collector;
    const length = text.length;
    let done = 0;
    for (let i = STRIDE - 1; i + MARGIN < length; i += STRIDE) {
      if (!mayBeBlob(bytes, i)) continue;
      const start = startOfBlob(bytes, i, done);
      const end = endOfBlob(bytes, i, length);
      if (end - start >= MIN_BLOB) collector.visitSpan(rules, start, end);
      done = end;
      i = Math.max(i, end - 1);
    }
  };
}

/** All lines but the last are at least this long; a shorter one is a word beside the blob. */
const LINE = 40;

function startOfBlob(bytes: Uint8Array, from: number, least: number): number {
  let start = from;
  let lineStart = -1;
  while (start > least) {
    if (inBlob(bytes[start - 1])) start--;
    else if (lineBreak(bytes, start - 1) > 0) {
      if (lineStart >= 0 && lineStart - start < LINE) break;
      lineStart = start;
      start -= bytes[start - 2] === 13 ? 2 : 1;
    } else break;
  }
  return lineStart >= 0 && lineStart - start < LINE ? lineStart : start;
}

function endOfBlob(bytes: Uint8Array, from: number, length: number): number {
  let end = from;
  let line = LINE;
  while (end < length) {
    const step = inBlob(bytes[end]) ? 1 : lineBreak(bytes, end);
    if (step === 0 || (!inBlob(bytes[end]) && line < LINE)) break;
    line = inBlob(bytes[end]) ? line + 1 : 0;
    end += step;
  }
  for (let padding = 0; padding < 2 && bytes[end] === 61; padding++) end++;
  return end;
}
