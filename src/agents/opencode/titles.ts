import { labelOf } from '../json-values.ts';

const PLACEHOLDER = /^(?:New|Child) session - \d{4}-\d\d-/;

/** A session's title; undefined for OpenCode's placeholder for a session that has not been named. */
export function titleOf(value: unknown): string | undefined {
  const title = labelOf(value, 1000);
  return PLACEHOLDER.test(title ?? '') ? undefined : title;
}
