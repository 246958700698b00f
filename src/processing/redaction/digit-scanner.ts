import type { Collector } from './found.ts';
import type { RedactionRule } from './rule.ts';

const OTHER = 0;
const SEPARATOR = 1;
const DIGIT = 2;
const CLASS = new Uint8Array(128);
for (const character of ' -.()+') CLASS[character.charCodeAt(0)] = SEPARATOR;
for (const character of '0123456789') CLASS[character.charCodeAt(0)] = DIGIT;

const classOf = (code: number): number => (code < 128 ? (CLASS[code] as number) : OTHER);

/** Runs of digits and separators that hold a number of interest are at least this long. */
const STRIDE = 8;
const MIN_DIGITS = 7;
/** Letters of an IBAN that may stand before and behind its digits. */
const REACH = 16;
const MAX_WINDOW = 4096;

/** Tries rules around groups of digits, found by looking at every 8th character. */
export function createDigitScanner(
  rules: readonly RedactionRule[],
): (collector: Collector) => void {
  return (collector) => {
    const text = collector.text;
    const length = text.length;
    let done = 0;
    for (let i = STRIDE - 1; i < length; i += STRIDE) {
      const kind = classOf(text.charCodeAt(i));
      if (kind === OTHER) continue;
      // A separator between words or in an indentation.
      if (
        kind === SEPARATOR &&
        classOf(text.charCodeAt(i + 1)) !== DIGIT &&
        classOf(text.charCodeAt(i - 1)) !== DIGIT
      )
        continue;
      let digits = 0;
      let start = i;
      while (start > done && classOf(text.charCodeAt(start - 1)) !== OTHER) start--;
      let end = start;
      for (
        let found = classOf(text.charCodeAt(end));
        end < length && found !== OTHER;
        found = classOf(text.charCodeAt(end))
      ) {
        if (found === DIGIT) digits++;
        end++;
      }
      if (digits >= MIN_DIGITS)
        scanWindows(collector, rules, Math.max(done, start - REACH), end + REACH);
      done = end;
      i = Math.max(i, end - 1);
    }
  };
}

/** Long tables of numbers are looked at in parts, which overlap by more than any number is long. */
function scanWindows(
  collector: Collector,
  rules: readonly RedactionRule[],
  from: number,
  to: number,
): void {
  for (let start = from; start < to; start += MAX_WINDOW - 64) {
    const window = collector.text.slice(start, Math.min(to, start + MAX_WINDOW));
    for (const rule of rules) collector.scan(rule, window, start);
  }
}
