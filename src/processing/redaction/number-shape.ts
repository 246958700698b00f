import { isDigit, NUMBER_CHARACTERS } from './pair-table.ts';

const PLUS = 43;
/** Fewer digits are no number of a person's. */
const MIN_DIGITS = 7;
/** Letters of an IBAN stand at most so far before its longest stretch of digits. */
const CAPITALS_REACH = 12;

/**
 * How the digits of a stretch of digits and separators are grouped. Tells dates, times, identifiers
 * and measurements from numbers of cards, accounts and telephones without trying a pattern.
 */
export class NumberShape {
  #before = 0;
  #longestAt = 0;
  digits = 0;
  /** Digits of the longest group, and the first of them. */
  longest = 0;
  longestBegins = 0;
  /** A `+` stands in the stretch. */
  plus = false;
  /** Four digits and then four or six more, as on a card. */
  fours = false;
  /** Three digits and then four, as in an American telephone number. */
  threeAndFour = false;
  /** Two capitals in a row stand shortly before the stretch, as at the beginning of an IBAN. */
  capitals = false;

  /** Measures the stretch that begins at `start` and returns its end, at most `limit`. */
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

  /** Nothing about the stretch is like a number of a person's: a date, a time, an identifier. */
  isOrdinary(): boolean {
    if (this.digits < MIN_DIGITS) return true;
    return !(this.plus || this.fours || this.threeAndFour || this.capitals || this.mayBeCard());
  }

  /** In one group of 13 digits and more, or in groups of 4-4-4-4, 4-6-5 or 4-6-4. */
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
