import type { Collector } from './found.ts';
import { type RedactionRule, RUN_LENGTH, RUN_REACH } from './rule.ts';

/** 1 for token characters, by UTF-16 unit modulo 128; units above are checked apart. */
const IN_RUN = new Uint8Array(128);
for (const character of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_~-')
  IN_RUN[character.charCodeAt(0)] = 1;

const inRun = (code: number): boolean => code < 128 && IN_RUN[code] === 1;

const SLOTS = 1 << 15;
const slotOf = (a: number, b: number, c: number): number =>
  ((a << 10) ^ (b << 5) ^ c) & (SLOTS - 1);

/**
 * Finds long runs of token characters by looking at every 16th character, and tries the rules whose
 * anchors begin there. Most text is words, so most looks end after a few neighbours.
 */
export function createRunScanner(rules: readonly RedactionRule[]): (collector: Collector) => void {
  const filed = new Map<string, RedactionRule[]>();
  const slots = new Uint8Array(SLOTS);
  for (const rule of rules) {
    for (const key of new Set(rule.anchors.map((anchor) => anchor.slice(0, 3)))) {
      const list = filed.get(key);
      if (list === undefined) filed.set(key, [rule]);
      else list.push(rule);
      slots[slotOf(key.charCodeAt(0), key.charCodeAt(1), key.charCodeAt(2))] = 1;
    }
  }

  function tryRules(collector: Collector, from: number, end: number): void {
    const text = collector.text;
    let a = text.charCodeAt(from);
    let b = text.charCodeAt(from + 1);
    for (let i = from; i + 2 < end; i++) {
      const c = text.charCodeAt(i + 2);
      if (slots[slotOf(a, b, c)] === 1) {
        const list = filed.get(text.slice(i, i + 3));
        if (list !== undefined) {
          const next = collector.visit(list, i);
          if (next > i + 1) {
            i = next - 1;
            a = text.charCodeAt(next);
            b = text.charCodeAt(next + 1);
            continue;
          }
        }
      }
      a = b;
      b = c;
    }
  }

  return (collector) => {
    const text = collector.text;
    const length = text.length;
    let done = 0;
    let tried = 0;
    for (let i = RUN_LENGTH - 1; i < length; i += RUN_LENGTH) {
      if (!inRun(text.charCodeAt(i))) continue;
      let start = i;
      while (start > done && inRun(text.charCodeAt(start - 1))) start--;
      let end = i + 1;
      while (end < length && inRun(text.charCodeAt(end))) end++;
      if (end - start < RUN_LENGTH) continue;
      tryRules(collector, Math.max(tried, start - RUN_REACH), end);
      done = end;
      // An anchor may begin in the last two characters of this run and end behind it.
      tried = end - 2;
      // The next look is at the last place that a run beginning behind this one must cover.
      i = end;
    }
  };
}
