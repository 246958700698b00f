import type { RuleKind } from '../../session/operation.ts';

/** Half-open range of UTF-16 units that holds one secret and nothing else. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** What a rule does at one place. `null`: nothing here. */
export type Find = (text: string, at: number) => Span | null;

/**
 * One kind of value that must not leave. A rule looks only where one of its anchors stands, so that
 * clean text costs one pass however many rules there are.
 */
export interface RedactionRule {
  /** Kebab case; shown in the placeholder and in the counts. */
  readonly name: string;
  readonly kind: RuleKind;
  /** Literals of at least 3 ASCII characters, compared without case. Empty for a rule with `scan`. */
  readonly anchors: readonly string[];
  /** Called with the position of an anchor. Must take time bounded by a constant or by what it returns. */
  readonly find?: Find;
  /** For rules without anchors: a global pattern of linear time that is run over the whole text. */
  readonly scan?: RegExp;
  /** For `scan`: looks at what was matched and says whether it is one. */
  readonly accept?: Accept;
  /** Takes whatever stands behind a telling word; inside it, rules that know a format are still tried. */
  readonly generic?: boolean;
  /** Everything the rule's behaviour depends on; goes into the digest of the rule set. */
  readonly source: string;
}

/** Says whether a matched value is one; may look at what stands around it. */
export type Accept = (value: string, text: string, start: number, end: number) => boolean;

/**
 * A rule of one sticky pattern, tried at each anchor. Group 1, where the pattern has one, is text in
 * front of the secret that stays readable.
 */
export function patternRule(
  kind: RuleKind,
  name: string,
  anchors: readonly string[],
  pattern: RegExp,
  accept?: Accept,
): RedactionRule {
  const sticky = new RegExp(pattern.source, `${pattern.flags.replace(/[gy]/g, '')}y`);
  return {
    name,
    kind,
    anchors,
    source: `${sticky.source}/${sticky.flags}/${accept?.toString() ?? ''}`,
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
