import type { RedactionRule } from './rule.ts';

/** A place to replace. Places of one text come in order and do not overlap. */
export interface Found {
  readonly start: number;
  readonly end: number;
  readonly rule: RedactionRule;
}

const NONE: readonly Found[] = [];

/** Compiles rules into one function that finds all their matches in a text. */
export function buildFinder(rules: readonly RedactionRule[]): (text: string) => readonly Found[] {
  const byAnchor = rulesByAnchor(rules);
  const anchors = [...byAnchor.keys()].map((anchor) =>
    anchor.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&'),
  );
  const anchorPattern = new RegExp(anchors.join('|'), 'gi');
  const scans = rules.filter((rule) => rule.scan !== undefined);

  return (text) => {
    let found: Found[] | undefined;
    let genericUntil = 0;
    anchorPattern.lastIndex = 0;
    for (let hit = anchorPattern.exec(text); hit !== null; hit = anchorPattern.exec(text)) {
      const at = hit.index;
      anchorPattern.lastIndex = at + 1;
      let furthest = 0;
      for (const rule of byAnchor.get(hit[0].toLowerCase()) ?? NO_RULES) {
        if (rule.generic === true && at < genericUntil) continue;
        const span = rule.find?.(text, at);
        if (span === null || span === undefined || span.end <= span.start) continue;
        found ??= [];
        found.push({ start: span.start, end: span.end, rule });
        if (rule.generic === true) genericUntil = span.end;
        else furthest = Math.max(furthest, span.end);
      }
      if (furthest > at) anchorPattern.lastIndex = furthest;
    }
    for (const rule of scans) {
      const scan = rule.scan;
      if (scan === undefined) continue;
      scan.lastIndex = 0;
      for (let match = scan.exec(text); match !== null; match = scan.exec(text)) {
        if (match[0].length === 0) scan.lastIndex++;
        else if (rule.accept?.(match[0], text, match.index, scan.lastIndex) !== false) {
          found ??= [];
          found.push({ start: match.index, end: match.index + match[0].length, rule });
        }
      }
    }
    return found === undefined ? NONE : withoutOverlaps(found);
  };
}

const NO_RULES: readonly RedactionRule[] = [];

/** An anchor that continues a shorter one is filed under the shorter: one place, one lookup. */
function rulesByAnchor(rules: readonly RedactionRule[]): Map<string, RedactionRule[]> {
  const all = [
    ...new Set(rules.flatMap((rule) => rule.anchors.map((anchor) => anchor.toLowerCase()))),
  ];
  const shortest = (anchor: string): string =>
    all
      .filter((other) => anchor.startsWith(other))
      .reduce((a, b) => (b.length < a.length ? b : a), anchor);
  const filed = new Map<string, RedactionRule[]>();
  for (const rule of rules) {
    for (const key of new Set(rule.anchors.map((anchor) => shortest(anchor.toLowerCase())))) {
      const list = filed.get(key);
      if (list === undefined) filed.set(key, [rule]);
      else list.push(rule);
    }
  }
  return filed;
}

/** A rule that knows the format names the place better than one that only knows the key. */
const rank = (place: Found): number => (place.rule.generic === true ? 1 : 0);

/** Where places overlap the longest wins. */
function withoutOverlaps(found: Found[]): readonly Found[] {
  if (found.length === 1) return found;
  found.sort((a, b) => a.start - b.start || b.end - a.end || rank(a) - rank(b));
  const kept: Found[] = [];
  for (const place of found) {
    const last = kept.at(-1);
    if (last === undefined || place.start >= last.end) kept.push(place);
    else if (place.end > last.end)
      kept[kept.length - 1] = { start: last.start, end: place.end, rule: longer(last, place) };
  }
  return kept;
}

function longer(a: Found, b: Found): RedactionRule {
  return b.end - b.start > a.end - a.start ? b.rule : a.rule;
}
