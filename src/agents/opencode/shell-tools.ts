import { objectOf } from '../json-values.ts';

/** Others have a `command` that no shell runs: a subagent's is the name of one of the user's own. */
const SHELLS = new Set(['bash', 'shell']);

/** What the call of a tool hands to a shell; undefined where it is none. */
export function shellCommandOf(name: string, input: unknown): unknown {
  return SHELLS.has(name) ? objectOf(input)?.command : undefined;
}
