import { BUILT_IN_FIRST, BUILT_IN_LAST, BUILT_IN_NEXT } from './built-in-rules.ts';
import { digestOfRules } from './rules-digest.ts';

/** Raised when what the built-in rules accept changes although no pattern does: code has no text that stays the same. */
const REVISION = 1;

/** Digest of the built-in rules. The build puts its value in this file's place. */
export const BUILT_IN_DIGEST = digestOfRules(String(REVISION), [
  ...BUILT_IN_FIRST,
  ...BUILT_IN_NEXT,
  ...BUILT_IN_LAST,
]);
