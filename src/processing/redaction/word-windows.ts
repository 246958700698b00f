import { frequencyOf } from './character-frequency.ts';
import { WORD_LENGTH } from './pair-table.ts';
import type { RedactionRule } from './rule.ts';

/** A rule to try where a window of one of its anchors occurs, `offset` characters after the anchor's beginning. */
export interface WordEntry {
  readonly offset: number;
  readonly rules: readonly RedactionRule[];
}

/**
 * Files rules under a part of each anchor, in lower case and of {@link WORD_LENGTH} characters: the part that is
 * rarest in clean text, because every place that looks like it costs a closer look.
 */
export function fileByWindow(
  rules: readonly RedactionRule[],
): ReadonlyMap<string, readonly WordEntry[]> {
  const filed = new Map<string, Map<number, RedactionRule[]>>();
  for (const rule of rules) {
    for (const anchor of new Set(rule.anchors.map((literal) => literal.toLowerCase()))) {
      const offset = rarestWindow(anchor);
      const window = anchor.slice(offset, offset + WORD_LENGTH);
      const byOffset = filed.get(window) ?? new Map<number, RedactionRule[]>();
      filed.set(window, byOffset);
      const list = byOffset.get(offset) ?? [];
      byOffset.set(offset, list);
      if (!list.includes(rule)) list.push(rule);
    }
  }
  return new Map(
    [...filed].map(([window, byOffset]) => [
      window,
      [...byOffset].map(([offset, list]) => ({ offset, rules: list })),
    ]),
  );
}

function rarestWindow(anchor: string): number {
  let best = 0;
  let least = Infinity;
  for (let offset = 0; offset + WORD_LENGTH <= anchor.length; offset++) {
    const frequency = frequencyOf(anchor.slice(offset, offset + WORD_LENGTH));
    if (frequency < least) {
      least = frequency;
      best = offset;
    }
  }
  return best;
}
