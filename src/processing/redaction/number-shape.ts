import { isDigit, NUMBER_CHARACTERS } from './pair-table.ts';

const PLUS = 43;
/** Fewer digits are not a personal number. */
const MIN_DIGITS = 7;
/** The letters of an IBAN are at most this far before its longest group of digits. */
const CAPITALS_REACH = 12;

/**
 * How the digits in a run of digits and separators are grouped. Distinguishes dates, times, identifiers and
 * measurements from card, account and telephone numbers without trying a pattern.
 */
export class NumberShape {
  #before = 0;
  #longestAt = 0;
  digits = 0;
  /** Number of digits in the longest group, and the first of them. */
  longest = 0;
  longestBegins = 0;
  /** The run contains a `+`. */
  plus = false;
  /** Four digits followed by four to six more, as on a card. */
  fours = false;
  /** Three digits followed by four, as in an American telephone number. */
  threeAndFour = false;
  /** Two adjacent capitals shortly before the run, as at the beginning of an IBAN. */
  capitals = false;

  /** Measures the run that begins at `start` and returns its end, at most `limit`. */
  measure(bytes: Uint8Array, start: number, limit: number): number {
    this.#clear(start);
    let length = 0;
    let at = start;
    for (; at < limit; at++) {
      const byte = bytes[at] as number;
      if (isDigit(byte)) {
        length++;
        continue;
      }
      if (length > 0) this.#add(length, at);
      length = 0;
      if (NUMBER_CHARACTERS[byte] === 0) break;
      if (byte === PLUS) this.plus = true;
    }
    if (length > 0) this.#add(length, at);
    this.longestBegins = (bytes[this.#longestAt] as number) - 48;
    this.capitals =
      (this.fours || this.longest >= 7) &&
      hasCapitals(bytes, Math.max(0, start - CAPITALS_REACH), start);
    return at;
  }

  /** True if nothing about the run resembles a personal number: a date, a time, an identifier. */
  isOrdinary(): boolean {
    if (this.digits < MIN_DIGITS) return true;
    return !(this.plus || this.fours || this.threeAndFour || this.capitals || this.mayBeCard());
  }

  /** One group of 13 or more digits, or groups of 4-4-4-4, 4-6-5 or 4-6-4. */
  mayBeCard(): boolean {
    return this.fours || (this.longest >= 13 && this.longestBegins >= 2 && this.longestBegins <= 6);
  }

  #clear(start: number): void {
    this.digits = 0;
    this.longest = 0;
    this.plus = false;
    this.fours = false;
    this.threeAndFour = false;
    this.#before = 0;
    this.#longestAt = start;
  }

  #add(length: number, end: number): void {
    if (this.#before === 4 && (length === 4 || length === 6)) this.fours = true;
    if (this.#before === 3 && length === 4) this.threeAndFour = true;
    if (length > this.longest) {
      this.longest = length;
      this.#longestAt = end - length;
    }
    this.digits += length;
    this.#before = length;
  }
}

function hasCapitals(bytes: Uint8Array, from: number, to: number): boolean {
  let before = false;
  for (let i = from; i < to; i++) {
    const byte = bytes[i] as number;
    const capital = byte >= 65 && byte <= 90;
    if (capital && before) return true;
    before = capital;
  }
  return false;
}
