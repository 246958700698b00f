import { looksRandom } from './entropy.ts';
import { anchoredRule, type RedactionRule } from './rule.ts';

/** What may stand before a token without being part of a longer word: the letter of an escape or of a colour. */
const ESCAPE = String.raw`(?<!\\[nrtbfv]|%[0-9A-Fa-f]{2}|\\u[0-9A-Fa-f]{4}|\[[0-9;]{0,11}m)`;

/** Not the middle of a longer word. */
export const WORD = `(?<![A-Za-z0-9]${ESCAPE})`;
export const WORD_WITH_DASHES = `(?<![A-Za-z0-9_-]${ESCAPE})`;

export const HEX_DIGITS: readonly string[] = [...'0123456789abcdef'];

/** A format that nothing else has: found wherever its beginning stands, even in the middle of a word. */
export function token(name: string, anchors: readonly string[], pattern: string): RedactionRule {
  return anchoredRule({ name, kind: 'secret', where: 'run', anchors }, new RegExp(pattern));
}

/**
 * For beginnings that also occur in ordinary words: a whole word, and the rest must look random or be of the very form
 * that keys have.
 */
export function vague(
  name: string,
  anchors: readonly string[],
  pattern: string,
  form?: RegExp,
): RedactionRule {
  const accept = (value: string): boolean => looksRandom(value, 3) || form?.test(value) === true;
  return anchoredRule(
    { name, kind: 'secret', where: 'run', anchors, accept },
    new RegExp(WORD + pattern),
  );
}

/** For formats whose telling part stands `before` characters after their beginning. */
export function around(
  name: string,
  anchor: string,
  before: number,
  pattern: string,
): RedactionRule {
  const rule = token(name, [anchor], pattern);
  return {
    ...rule,
    find: (text, at) => (at < before ? null : (rule.find?.(text, at - before) ?? null)),
  };
}

/** For secrets behind a word that is written in any case. */
export function anyCase(name: string, anchors: readonly string[], pattern: string): RedactionRule {
  return anchoredRule({ name, kind: 'secret', where: 'word', anchors }, new RegExp(pattern, 'i'));
}

/** Discord's tokens begin with a number in base64, so with one of these. */
export function discordBeginnings(): readonly string[] {
  return Array.from({ length: 90 }, (_, i) =>
    Buffer.from(`${i + 10}0`)
      .toString('base64')
      .slice(0, 3),
  );
}
