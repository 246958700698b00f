import type { Collector } from './found.ts';
import { NumberShape } from './number-shape.ts';
import {
  buildPairTable,
  HEXADECIMAL,
  MEETING_MASK,
  MEETING_SHIFT,
  NUMBER_CHARACTERS,
  NUMBER_PAIR,
  TOKEN,
  TOKEN_CHARACTERS,
  TOKEN_PAIR,
  WORD_LENGTH,
} from './pair-table.ts';
import { type RedactionRule, RUN_LENGTH, RUN_REACH } from './rule.ts';
import { tokenRules } from './token-anchors.ts';
import { fileByWindow } from './word-windows.ts';

/** Letters of an IBAN that may precede or follow its digits. */
const NUMBER_REACH = 16;
/** Long tables of numbers are examined in parts, which overlap by more than the longest number. */
const NUMBER_WINDOW = 4096;
const NUMBER_OVERLAP = 64;

/**
 * Finds, in one pass over the text's bytes, where rules have to be tried: words, long runs of token characters,
 * numbers. Eight characters are ruled out with four look-ups and one branch, because branches that depend on single
 * characters are mispredicted at the end of every word.
 */
export class Scanner {
  readonly #byWindow: ReturnType<typeof fileByWindow>;
  readonly #windowSlots = new Uint8Array(SLOTS);
  readonly #table: Uint16Array;
  readonly #tryTokens: ReturnType<typeof tokenRules>;
  readonly #numbers: readonly RedactionRule[];
  readonly #shape = new NumberShape();
  /** Up to here, anchors of words are inside matches. */
  #wordsDone = 0;
  /** Up to here, anchors of `run` rules have been tried. */
  #tokensTried = 0;

  constructor(
    words: readonly RedactionRule[],
    runs: readonly RedactionRule[],
    numbers: readonly RedactionRule[],
  ) {
    this.#byWindow = fileByWindow(words);
    this.#table = buildPairTable([...this.#byWindow.keys()]);
    for (const window of this.#byWindow.keys())
      this.#windowSlots[slotOf(Buffer.from(window), 0)] = 1;
    this.#tryTokens = tokenRules(runs);
    this.#numbers = numbers;
  }

  /** Tries the rules wherever one of them may match in the collector's text. */
  scan(collector: Collector): void {
    const { pairs } = collector;
    const table = this.#table;
    const blocks = ((collector.text.length + 7) >> 3) << 2;
    this.#wordsDone = 0;
    this.#tokensTried = 0;
    let runsDone = 0;
    let numbersDone = 0;
    // From earlier blocks: the last pair, the second half of the block before the last, the whole last block.
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
      // A run of 20 covers four adjacent half blocks.
      const token = whole & left & (right | halfBefore) & TOKEN_PAIR;
      const number = (left | right) & NUMBER_PAIR;
      if ((met | token | number) !== 0) {
        const at = i << 1;
        if (met !== 0) this.#tryMeetings(collector, at, last, a, b, c, d);
        if (token !== 0 && at >= runsDone) runsDone = this.#tryRun(collector, at, runsDone);
        if (number !== 0) {
          const half = (left & NUMBER_PAIR) !== 0 ? at : at + 4;
          if (half >= numbersDone) numbersDone = this.#tryNumber(collector, half, numbersDone);
        }
      }
      last = d;
      halfBefore = lastHalf;
      lastHalf = right;
      whole = left & right;
    }
  }

  #tryMeetings(
    collector: Collector,
    at: number,
    last: number,
    a: number,
    b: number,
    c: number,
    d: number,
  ): void {
    if (((last >> MEETING_SHIFT) & a & MEETING_MASK) !== 0) this.#tryPair(collector, at - 2);
    if (((a >> MEETING_SHIFT) & b & MEETING_MASK) !== 0) this.#tryPair(collector, at);
    if (((b >> MEETING_SHIFT) & c & MEETING_MASK) !== 0) this.#tryPair(collector, at + 2);
    if (((c >> MEETING_SHIFT) & d & MEETING_MASK) !== 0) this.#tryPair(collector, at + 4);
  }

  /** The first pair of a window is at `first`: the window begins there or one byte before. */
  #tryPair(collector: Collector, first: number): void {
    this.#tryWindow(collector, first - 1);
    this.#tryWindow(collector, first);
  }

  /** Tries the anchors that may have their window at `at`. */
  #tryWindow(collector: Collector, at: number): void {
    if (at < this.#wordsDone || this.#windowSlots[slotOf(collector.bytes, at)] === 0) return;
    const entries = this.#byWindow.get(collector.text.slice(at, at + WORD_LENGTH).toLowerCase());
    if (entries === undefined) return;
    for (const { offset, rules } of entries) {
      const anchor = at - offset;
      if (anchor < 0) continue;
      const next = collector.visit(rules, anchor);
      if (next > anchor + 1) this.#wordsDone = Math.max(this.#wordsDone, next);
    }
  }

  /** Extends a block of token characters to its run, tries the rules in it and returns its end. */
  #tryRun(collector: Collector, at: number, least: number): number {
    const { bytes } = collector;
    const length = collector.text.length;
    let start = at;
    while (start > least && TOKEN_CHARACTERS[bytes[start - 1] as number] !== 0) start--;
    let end = at;
    let kinds = TOKEN | HEXADECIMAL;
    for (; end < length; end++) {
      const kind = TOKEN_CHARACTERS[bytes[end] as number] as number;
      if (kind === 0) break;
      kinds &= kind;
    }
    if (end - start < RUN_LENGTH) return end;
    // Most long runs are digests and UUIDs, and no anchor lies inside hexadecimal digits.
    const last = (kinds & HEXADECIMAL) === 0 ? end : Math.min(at + 2, end);
    this.#tryTokens(collector, Math.max(this.#tokensTried, start - RUN_REACH, 0), last);
    // An anchor may begin in the last two characters of this run and end after it.
    this.#tokensTried = end - 2;
    return end;
  }

  /** Extends half a block of digits and separators, tries the rules around it and returns its end. */
  #tryNumber(collector: Collector, at: number, least: number): number {
    const { bytes } = collector;
    const length = collector.text.length;
    let start = at;
    while (start > least && NUMBER_CHARACTERS[bytes[start - 1] as number] === 1) start--;
    const end = this.#shape.measure(bytes, start, length);
    if (!this.#shape.isOrdinary())
      this.#scanNumbers(collector, Math.max(least, start - NUMBER_REACH), end + NUMBER_REACH);
    return end;
  }

  #scanNumbers(collector: Collector, from: number, to: number): void {
    for (const rule of this.#numbers) {
      if (rule.mayFit?.(this.#shape) === false) continue;
      for (let start = from; start < to; start += NUMBER_WINDOW - NUMBER_OVERLAP) {
        collector.scan(
          rule,
          collector.text.slice(start, Math.min(to, start + NUMBER_WINDOW)),
          start,
        );
      }
    }
  }
}

const SLOTS = 1 << 12;

/** A slot for five bytes; bit 5 is set so that both cases of a letter get the same slot. */
function slotOf(bytes: Uint8Array, at: number): number {
  let slot = 0;
  for (let i = 0; i < WORD_LENGTH; i++)
    slot = (slot * 33 + ((bytes[at + i] as number) | 32)) & (SLOTS - 1);
  return slot;
}
