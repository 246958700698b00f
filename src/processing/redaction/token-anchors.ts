import type { Collector } from './found.ts';
import type { RedactionRule } from './rule.ts';

const SLOTS = 1 << 15;
const slotOf = (a: number, b: number, c: number): number =>
  ((a << 10) ^ (b << 5) ^ c) & (SLOTS - 1);

/** Compiles rules with anchors of three or more characters into a search over a part of the text. */
export function tokenRules(
  rules: readonly RedactionRule[],
): (collector: Collector, from: number, end: number) => void {
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

  return (collector, from, end) => {
    const { bytes, text } = collector;
    let slot = 0;
    for (let i = from; i < end; i++) {
      slot = ((slot << 5) ^ (bytes[i] as number)) & (SLOTS - 1);
      if (slots[slot] === 0 || i < from + 2) continue;
      const list = filed.get(text.slice(i - 2, i + 1));
      if (list === undefined) continue;
      const next = collector.visit(list, i - 2);
      if (next <= i - 1) continue;
      // After a match, the slot starts again.
      i = next - 1;
      from = next;
    }
  };
}
