import type { Collector } from './found.ts';
import {
  buildPairTable,
  isDigit,
  MEETING_MASK,
  MEETING_SHIFT,
  NUMBER_CHARACTERS,
  NUMBER_PAIR,
  TOKEN_CHARACTERS,
  TOKEN_PAIR,
  WORD_LENGTH,
} from './pair-table.ts';
import { type RedactionRule, RUN_LENGTH, RUN_REACH } from './rule.ts';
import { tokenRules } from './token-anchors.ts';
import { fileByWindow } from './word-windows.ts';

/** Letters of an IBAN that may stand before and behind its digits. */
const NUMBER_REACH = 16;
const MIN_DIGITS = 7;
/** Long tables of numbers are looked at in parts, which overlap by more than any number is long. */
const NUMBER_WINDOW = 4096;
const NUMBER_OVERLAP = 64;

/**
 * Finds, in one pass over the text's bytes, where rules have to be tried: words, long runs of token
 * characters, numbers. Eight characters are told to be clean by four look-ups and one branch, because
 * branches that depend on single characters are mispredicted at every word's end.
 */
export function createScanner(
  words: readonly RedactionRule[],
  runs: readonly RedactionRule[],
  numbers: readonly RedactionRule[],
): (collector: Collector) => void {
  const byWord = fileByWindow(words);
  const table = buildPairTable([...byWord.keys()]);
  const wordSlots = new Uint8Array(1 << 12);
  for (const word of byWord.keys()) wordSlots[wordSlot(Buffer.from(word), 0)] = 1;
  const tryTokens = tokenRules(runs);

  /** Up to here anchors of `run` rules have been tried in the text at hand. */
  let tried = 0;
  /** Up to here anchors of words have been passed, because they lie in what was found. */
  let wordsDone = 0;

  /** Tries the anchors that may have their window at `at`. */
  function tryWord(collector: Collector, at: number): void {
    if (at < 0) return;
    if (at < wordsDone || wordSlots[wordSlot(collector.bytes, at)] === 0) return;
    const entries = byWord.get(collector.text.slice(at, at + WORD_LENGTH).toLowerCase());
    if (entries === undefined) return;
    for (const { offset, rules } of entries) {
      const anchor = at - offset;
      if (anchor < 0) continue;
      const next = collector.visit(rules, anchor);
      if (next > anchor + 1) wordsDone = Math.max(wordsDone, next);
    }
  }

  /** A first pair at `first` begins a window, or the window begins one byte before it. */
  function tryPair(collector: Collector, first: number): void {
    tryWord(collector, first - 1);
    tryWord(collector, first);
  }

  return (collector) => {
    const { pairs } = collector;
    const length = collector.text.length;
    const blocks = ((length + 7) >> 3) << 2;
    wordsDone = 0;
    let runsDone = 0;
    tried = 0;
    let numbersDone = 0;
    // Of the blocks before: the last pair, the second half of the one before the last, the whole last one.
    let last = 0;
    let lastHalf = 0;
    let halfBefore = 0;
    let whole = 0;
    for (let i = 0; i < blocks; i += 4) {
      const a = table[pairs[i] as number] as number;
      const b = table[pairs[i + 1] as number] as number;
      const c = table[pairs[i + 2] as number] as number;
      const d = table[pairs[i + 3] as number] as number;
      const left = a & b;
      const right = c & d;
      const met =
        (((last >> MEETING_SHIFT) & a) |
          ((a >> MEETING_SHIFT) & b) |
          ((b >> MEETING_SHIFT) & c) |
          ((c >> MEETING_SHIFT) & d)) &
        MEETING_MASK;
      // A run of 20 covers four neighbouring halves of blocks.
      const token = whole & left & (right | halfBefore) & TOKEN_PAIR;
      const number = (left | right) & NUMBER_PAIR;
      const before = last;
      last = d;
      halfBefore = lastHalf;
      lastHalf = right;
      whole = left & right;
      if ((met | token | number) === 0) continue;
      const at = i << 1;
      if (met !== 0) {
        if (((before >> MEETING_SHIFT) & a & MEETING_MASK) !== 0) tryPair(collector, at - 2);
        if (((a >> MEETING_SHIFT) & b & MEETING_MASK) !== 0) tryPair(collector, at);
        if (((b >> MEETING_SHIFT) & c & MEETING_MASK) !== 0) tryPair(collector, at + 2);
        if (((c >> MEETING_SHIFT) & d & MEETING_MASK) !== 0) tryPair(collector, at + 4);
      }
      if (token !== 0 && at >= runsDone) runsDone = tryRun(collector, at, runsDone);
      if (number !== 0 && at + 8 > numbersDone)
        numbersDone = tryNumber(collector, a & b & NUMBER_PAIR ? at : at + 4, numbersDone);
    }
  };

  /** Grows a block of token characters to its run and tries the rules in it; returns the run's end. */
  function tryRun(collector: Collector, at: number, from: number): number {
    const { bytes } = collector;
    const length = collector.text.length;
    let start = at;
    while (start > from && TOKEN_CHARACTERS[bytes[start - 1] as number] === 1) start--;
    let end = at;
    while (end < length && TOKEN_CHARACTERS[bytes[end] as number] === 1) end++;
    if (end - start < RUN_LENGTH) return end;
    tryTokens(collector, Math.max(tried, start - RUN_REACH, 0), end);
    // An anchor may begin in the last two characters of this run and end behind it.
    tried = end - 2;
    return end;
  }

  /** Grows a block of digits and separators and tries the rules around it; returns its end. */
  function tryNumber(collector: Collector, at: number, from: number): number {
    const { bytes } = collector;
    const length = collector.text.length;
    let start = at;
    while (start > from && NUMBER_CHARACTERS[bytes[start - 1] as number] === 1) start--;
    let digits = 0;
    let end = start;
    for (; end < length && NUMBER_CHARACTERS[bytes[end] as number] === 1; end++) {
      if (isDigit(bytes[end] as number)) digits++;
    }
    if (digits >= MIN_DIGITS)
      scanNumbers(collector, digits, Math.max(from, start - NUMBER_REACH), end + NUMBER_REACH);
    return Math.max(end, at + 4);
  }

  function scanNumbers(collector: Collector, digits: number, from: number, to: number): void {
    for (let start = from; start < to; start += NUMBER_WINDOW - NUMBER_OVERLAP) {
      const window = collector.text.slice(start, Math.min(to, start + NUMBER_WINDOW));
      for (const rule of numbers) {
        if (digits < (rule.minDigits ?? 0)) continue;
        if (rule.anchors.length > 0 && !rule.anchors.some((anchor) => window.includes(anchor)))
          continue;
        collector.scan(rule, window, start);
      }
    }
  }
}

/** A slot for five bytes; bit 5 is set so that both cases of a letter fall together. */
function wordSlot(bytes: Uint8Array, at: number): number {
  let slot = 0;
  for (let i = 0; i < WORD_LENGTH; i++)
    slot = (slot * 33 + ((bytes[at + i] as number) | 32)) & 4095;
  return slot;
}
