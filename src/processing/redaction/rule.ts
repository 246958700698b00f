import type { RuleKind } from '../../session/operation.ts';
import type { NumberShape } from './number-shape.ts';

/** Half-open range of UTF-16 units that contains one secret and nothing else. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** What a rule finds at one position. `null`: nothing. */
type Find = (text: string, at: number) => Span | null;

/** Whether a matched value is really one; may examine the surrounding text. */
export type Accept = (value: string, text: string, start: number, end: number) => boolean;

/** Every match of a `run` rule contains this many adjacent characters of `[A-Za-z0-9_~-]`. */
export const RUN_LENGTH = 20;
/** The anchor of a `run` rule begins inside such a run or at most this many characters before it. */
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

/** One kind of value that must not leave the machine. */
export interface RedactionRule {
  /** In kebab case; shown in placeholders and counts. */
  readonly name: string;
  readonly kind: RuleKind;
  readonly where: Where;
  readonly anchors: readonly string[];
  /** Called with the position of an anchor. Its time must be bounded by a constant or by the length of the match. */
  readonly find?: Find;
  /** For `digits` and `anywhere`: a global pattern of linear time. */
  readonly pattern?: RegExp;
  readonly accept?: Accept | undefined;
  /** For `digits`: false if none of its numbers has its digits grouped like this. */
  readonly mayFit?: (shape: NumberShape) => boolean;
  /** Takes whatever follows a telling word; rules that know a format are still tried inside it. */
  readonly generic?: boolean;
  /** What the rule looks for; part of the digest of the rule set. */
  readonly source: string;
}

/**
 * A rule with one sticky pattern, tried at each anchor. Group 1, if the pattern has one, is text before the secret
 * that stays readable.
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

/** A rule with one global pattern, tried in a part of the text or in all of it. */
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
