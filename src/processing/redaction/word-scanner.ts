import type { Collector } from './found.ts';
import type { RedactionRule } from './rule.ts';

/** Length of the window that is compared; no anchor is shorter. */
export const WORD_LENGTH = 5;

const PAIRS = 1 << 14;
const pairOf = (a: number, b: number): number => ((a & 127) << 7) | (b & 127);

/**
 * Finds words of any case with a table of shifts (Wu and Manber): the last two characters of the
 * window say how far it can move without missing a word, on clean text three characters and more.
 */
export function createWordScanner(rules: readonly RedactionRule[]): (collector: Collector) => void {
  const filed = new Map<string, RedactionRule[]>();
  const shifts = new Uint8Array(PAIRS).fill(WORD_LENGTH - 1);
  const beginnings = new Uint8Array(PAIRS);
  for (const rule of rules) {
    const windows = new Set(
      rule.anchors.map((anchor) => anchor.slice(0, WORD_LENGTH).toLowerCase()),
    );
    for (const window of windows) {
      const list = filed.get(window);
      if (list === undefined) filed.set(window, [rule]);
      else list.push(rule);
      markPairs(window, shifts, beginnings);
    }
  }

  return (collector) => {
    const text = collector.text;
    const length = text.length;
    let i = WORD_LENGTH - 1;
    while (i < length) {
      const shift = shifts[
        ((text.charCodeAt(i - 1) & 127) << 7) | (text.charCodeAt(i) & 127)
      ] as number;
      if (shift > 0) {
        i += shift;
        continue;
      }
      const at = i - (WORD_LENGTH - 1);
      i++;
      if (beginnings[pairOf(text.charCodeAt(at), text.charCodeAt(at + 1))] === 0) continue;
      const list = filed.get(text.slice(at, at + WORD_LENGTH).toLowerCase());
      if (list !== undefined) i = Math.max(i, collector.visit(list, at) + WORD_LENGTH - 1);
    }
  };
}

/** Notes, for every pair of characters in a window, how far it stands from the window's end. */
function markPairs(window: string, shifts: Uint8Array, beginnings: Uint8Array): void {
  for (let j = 1; j < WORD_LENGTH; j++) {
    for (const first of bothCases(window[j - 1] as string)) {
      for (const second of bothCases(window[j] as string)) {
        const pair = pairOf(first, second);
        shifts[pair] = Math.min(shifts[pair] as number, WORD_LENGTH - 1 - j);
        if (j === 1) beginnings[pair] = 1;
      }
    }
  }
}

function bothCases(character: string): readonly number[] {
  return [character.toLowerCase().charCodeAt(0), character.toUpperCase().charCodeAt(0)];
}
