import { frequencyOf } from './character-frequency.ts';

/**
 * What a scanner needs to know about every pair of adjacent bytes, in 16 bits: whether both belong to a token,
 * whether both belong to a number, and in which groups of words they are the first or the second pair. Four look-ups
 * then suffice to rule out that anything begins in eight characters.
 */
export const TOKEN_PAIR = 1;
export const NUMBER_PAIR = 2;
const GROUPS = 7;
const SECOND_SHIFT = 2;
/** Distance between the bits of first pairs and those of second pairs. */
export const MEETING_SHIFT = GROUPS;
/** `(first >> MEETING_SHIFT) & second & MEETING_MASK` is non-zero if a word may begin at `first` or one byte before. */
export const MEETING_MASK = ((1 << GROUPS) - 1) << SECOND_SHIFT;

/** Length of the part of a word that is compared; no anchor is shorter. */
export const WORD_LENGTH = 5;

/** Classes of token characters: all of them, and among these the hexadecimal digits and the dash. */
export const TOKEN = 1;
export const HEXADECIMAL = 2;
const HEXADECIMAL_CHARACTERS = byteSet('0123456789abcdef-');
export const TOKEN_CHARACTERS = byteSet(
  'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_~-',
).map((token, byte) =>
  token === 0 ? 0 : TOKEN | (HEXADECIMAL_CHARACTERS[byte] === 1 ? HEXADECIMAL : 0),
);
const DIGITS = byteSet('0123456789');
/** The last one is the no-break space. */
const SEPARATORS = byteSet(' -.()+\u00a0');
export const NUMBER_CHARACTERS = DIGITS.map((digit, byte) => digit | (SEPARATORS[byte] as number));

export function isDigit(byte: number): boolean {
  return byte >= 48 && byte <= 57;
}

/**
 * 1 for each byte of `characters`. A unit above 255 is looked up by its low byte, which can only make a match longer.
 */
function byteSet(characters: string): Uint8Array {
  const set = new Uint8Array(256);
  for (const character of characters) set[character.charCodeAt(0)] = 1;
  return set;
}

/** Builds the table for these words, which are in lower case and have {@link WORD_LENGTH} characters. */
export function buildPairTable(words: readonly string[]): Uint16Array {
  const table = new Uint16Array(1 << 16);
  for (let a = 0; a < 256; a++) {
    for (let b = 0; b < 256; b++) {
      let value = 0;
      if (TOKEN_CHARACTERS[a] !== 0 && TOKEN_CHARACTERS[b] !== 0) value |= TOKEN_PAIR;
      // Two equal separators are indentation or a rule, not a number.
      if (NUMBER_CHARACTERS[a] === 1 && NUMBER_CHARACTERS[b] === 1 && (a !== b || isDigit(a)))
        value |= NUMBER_PAIR;
      table[pairIndex(a, b)] = value;
    }
  }
  const groups = Array.from({ length: GROUPS }, () => ({ first: 0, second: 0 }));
  // Words that resemble ordinary text most choose their group first, so that the others disturb them least.
  const dearestFirst = [...words].sort((a, b) => costOf(b) - costOf(a));
  for (const word of dearestFirst) {
    const second = 1 << (SECOND_SHIFT + leastCrowded(groups, word));
    for (const offset of [0, 1]) {
      mark(table, word.slice(offset, offset + 2), second << MEETING_SHIFT);
      mark(table, word.slice(offset + 2, offset + 4), second);
    }
  }
  return table;
}

const firstPairs = (word: string): number =>
  frequencyOf(word.slice(0, 2)) + frequencyOf(word.slice(1, 3));
const secondPairs = (word: string): number =>
  frequencyOf(word.slice(2, 4)) + frequencyOf(word.slice(3, 5));
const costOf = (word: string): number => firstPairs(word) * secondPairs(word);

/** Chooses the group in which the word's pairs least often meet pairs of other words; adds them to it. */
function leastCrowded(groups: { first: number; second: number }[], word: string): number {
  const first = firstPairs(word);
  const second = secondPairs(word);
  const cost = (group: { first: number; second: number }): number =>
    (group.first + first) * (group.second + second) - group.first * group.second;
  const best = groups.reduce(
    (least, group, index) => (cost(group) < cost(groups[least] as typeof group) ? index : least),
    0,
  );
  const group = groups[best] as { first: number; second: number };
  group.first += first;
  group.second += second;
  return best;
}

function mark(table: Uint16Array, pair: string, bits: number): void {
  for (const a of bothCases(pair[0] as string)) {
    for (const b of bothCases(pair[1] as string))
      table[pairIndex(a, b)] = (table[pairIndex(a, b)] as number) | bits;
  }
}

function bothCases(character: string): readonly number[] {
  return [character.toLowerCase().charCodeAt(0), character.toUpperCase().charCodeAt(0)];
}

const PROBE = new Uint8Array(2);
const PROBE_PAIR = new Uint16Array(PROBE.buffer);

/** The index at which a 16-bit view sees two bytes, whatever the machine's byte order. */
function pairIndex(a: number, b: number): number {
  PROBE[0] = a;
  PROBE[1] = b;
  return PROBE_PAIR[0] as number;
}
