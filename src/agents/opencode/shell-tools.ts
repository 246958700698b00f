import { objectOf } from '../json-values.ts';

/** Other tools have a `command` that no shell runs: a subagent's is the name of one of the user's own commands. */
const SHELLS = new Set(['bash', 'shell']);

/** The command that a tool call passes to a shell; undefined if there is none. */
export function shellCommandOf(name: string, input: unknown): unknown {
  return SHELLS.has(name) ? objectOf(input)?.command : undefined;
}
