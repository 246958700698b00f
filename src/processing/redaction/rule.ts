import type { RuleKind } from '../../session/operation.ts';
import type { NumberShape } from './number-shape.ts';

/** Half-open range of UTF-16 units that holds one secret and nothing else. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** What a rule does at one place. `null`: nothing here. */
type Find = (text: string, at: number) => Span | null;

/** Says whether a matched value is one; may look at what stands around it. */
export type Accept = (value: string, text: string, start: number, end: number) => boolean;

/** Characters in a row, of `[A-Za-z0-9_~-]`, that every match of a `run` rule contains. */
export const RUN_LENGTH = 20;
/** A `run` rule's anchor begins inside such a run or at most this many characters before it. */
export const RUN_REACH = 20;

/**
 * Where a rule is tried. Clean text costs one pass for all rules together, because each of these
 * places is found without looking at every character.
 * - `run`: at its anchors (3 characters or more, case matters) in and before long runs of token characters
 * - `word`: at its anchors (5 characters or more, any case) wherever they stand
 * - `character`: at its anchors, single rare characters
 * - `digits`: in the surroundings of 7 or more digits, by its pattern
 * - `blob`: on long stretches of base64, by `accept`
 * - `anywhere`: over the whole text, by its pattern
 */
export type Where = 'run' | 'word' | 'character' | 'digits' | 'blob' | 'anywhere';

/** One kind of value that must not leave. */
export interface RedactionRule {
  /** Kebab case; shown in the placeholder and in the counts. */
  readonly name: string;
  readonly kind: RuleKind;
  readonly where: Where;
  readonly anchors: readonly string[];
  /** Called with the position of an anchor. Must take time bounded by a constant or by what it returns. */
  readonly find?: Find;
  /** For `digits` and `anywhere`: a global pattern of linear time. */
  readonly pattern?: RegExp;
  readonly accept?: Accept | undefined;
  /** For `digits`: false when the digits are grouped as in none of its numbers. */
  readonly mayFit?: (shape: NumberShape) => boolean;
  /** Takes whatever stands behind a telling word; inside it, rules that know a format are still tried. */
  readonly generic?: boolean;
  /** What the rule looks for; goes into the digest of the rule set. */
  readonly source: string;
}

/**
 * A rule of one sticky pattern, tried at each anchor. Group 1, where the pattern has one, is text in
 * front of the secret that stays readable.
 */
export function anchoredRule(
  rule: Pick<RedactionRule, 'name' | 'kind' | 'where' | 'anchors' | 'accept' | 'generic'>,
  pattern: RegExp,
): RedactionRule {
  const sticky = new RegExp(pattern.source, `${pattern.flags.replace(/[gy]/g, '')}y`);
  const { accept } = rule;
  return {
    ...rule,
    source: `${sticky.source}/${sticky.flags}`,
    find(text, at) {
      sticky.lastIndex = at;
      const match = sticky.exec(text);
      if (match === null) return null;
      const start = at + (match[1]?.length ?? 0);
      const end = at + match[0].length;
      if (accept !== undefined && !accept(text.slice(start, end), text, start, end)) return null;
      return { start, end };
    },
  };
}

/** A rule of one global pattern, tried in a part of the text or in all of it. */
export function patternRule(
  rule: Pick<RedactionRule, 'name' | 'kind' | 'where' | 'accept' | 'mayFit'>,
  pattern: RegExp,
): RedactionRule {
  return {
    ...rule,
    anchors: [],
    pattern,
    source: `${pattern.source}/${pattern.flags}`,
  };
}
