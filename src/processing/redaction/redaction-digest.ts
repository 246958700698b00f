import { BUILT_IN_DIGEST } from './built-in-digest.ts';
import type { RedactionRule } from './rule.ts';
import { digestOfRules } from './rules-digest.ts';

/** The digest of a {@link Redactor}, computed from the rules of a run that are not built in. */
export function redactionDigest(added: readonly RedactionRule[]): string {
  return digestOfRules(BUILT_IN_DIGEST, added).slice(0, 16);
}
