import type { Collector } from './found.ts';
import type { RedactionRule } from './rule.ts';

/** Blobs of base64 from this many characters on are told by their size. */
export const MIN_BLOB = 512;

const IN_BLOB = new Uint8Array(256);
for (const character of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/_-') {
  IN_BLOB[character.charCodeAt(0)] = 1;
}
const inBlob = (byte: number | undefined): boolean => byte !== undefined && IN_BLOB[byte] === 1;

/** Around a place inside a long blob all of these are part of it, or line breaks. */
const PROBES = [0, 7, -6, 13, -11, 22, -19, 37, -33];

function maySurround(bytes: Uint8Array, at: number): boolean {
  for (const distance of PROBES) {
    const byte = bytes[at + distance];
    if (!inBlob(byte) && byte !== 10 && byte !== 13) return false;
  }
  return true;
}

/** How many units a line break between two lines of base64 takes; 0 where there is none. */
function lineBreak(bytes: Uint8Array, at: number): number {
  const code = bytes[at];
  const length = code === 10 ? 1 : code === 13 && bytes[at + 1] === 10 ? 2 : 0;
  return length > 0 && inBlob(bytes[at + length]) ? length : 0;
}

/** Finds long base64, wrapped or not, by looking at every 256th character. */
export function createBlobScanner(rules: readonly RedactionRule[]): (collector: Collector) => void {
  return (collector) => {
    const { bytes, text } = collector;
    let done = 0;
    for (let i = MIN_BLOB / 2 - 1; i < text.length; i += MIN_BLOB / 2) {
      if (!maySurround(bytes, i)) continue;
      if (!inBlob(bytes[i])) i++;
      let start = i;
      while (start > done && (inBlob(bytes[start - 1]) || lineBreak(bytes, start - 1) > 0)) start--;
      let end = i + 1;
      while (end < text.length) {
        const length = inBlob(bytes[end]) ? 1 : lineBreak(bytes, end);
        if (length === 0) break;
        end += length;
      }
      for (let padding = 0; padding < 2 && text[end] === '='; padding++) end++;
      if (end - start >= MIN_BLOB) collector.visitSpan(rules, start, end);
      done = end;
      i = Math.max(i, end - 1);
    }
  };
}
