import { BUILT_IN_FIRST, BUILT_IN_LAST, BUILT_IN_NEXT } from './built-in-rules.ts';
import { digestOfRules } from './rules-digest.ts';

/**
 * To be raised when the built-in rules accept other values although no pattern changed: code cannot be hashed
 * reliably.
 */
const REVISION = 1;

/** Digest of the built-in rules. The build replaces this file with its value. */
export const BUILT_IN_DIGEST = digestOfRules(String(REVISION), [
  ...BUILT_IN_FIRST,
  ...BUILT_IN_NEXT,
  ...BUILT_IN_LAST,
]);
