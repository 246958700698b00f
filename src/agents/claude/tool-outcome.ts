import type { Facts } from '../../session/event.ts';
import { INTERRUPT_START } from '../claude-prompt-text.ts';
import { type JsonObject, objectOf, textOf } from '../json-values.ts';

/** How results begin if a person refused the call; the wording differs in a subagent and for a plan. */
const DENIAL_STARTS = [
  "The user doesn't want to proceed with this tool use",
  "The user doesn't want to take this action right now",
  'The user rejected this tool use',
  'Permission for this tool use was denied. The tool use was rejected',
  'The agent proposed a plan that was rejected by the user',
];
const REJECTED = 'User rejected tool use';
/** How results begin if a rule, a hook or a classifier kept the call from running, and which of them it was. */
const REFUSALS: readonly (readonly [starts: RegExp, source: string])[] = [
  [/^Claude requested permissions to .{1,2000}, but you haven't granted it yet/s, 'rule'],
  [/^Permission to use .{1,2000} has been denied/s, 'rule'],
  [
    /^Permission for this (?:tool use|command|action) (?:was|has been) denied by .{1,80}classifier/,
    'classifier',
  ],
  [/^Permission for this (?:tool use|command|action) (?:was|has been) denied/, 'rule'],
  [
    /^.{1,200} is temporarily unavailable.{0,200}, so auto mode cannot determine the safety of/,
    'classifier',
  ],
  [/^(?:PreToolUse:\S{1,200} hook error|Hook PreToolUse:\S{1,200} denied this tool)/, 'hook'],
];

/** Values of `toolDenialKind` for calls that ended with their turn; all others mean a refusal. */
const STOPPED: ReadonlySet<string> = new Set(['interrupted', 'cancelled']);

const INTERRUPTED: Facts = { outcome: 'interrupted', interrupted: true };

const EXIT_CODE = /^(?:Error: )?Exit code (\d{1,3})(?:\s|$)/;

/**
 * How a tool call went: ok, error, denied (a person, a rule, a hook or a classifier refused it, so it did not run) or
 * interrupted (a person stopped it). `structured` is the line's `toolUseResult`, if it is about this block.
 */
export function outcomeOf(
  block: JsonObject,
  record: JsonObject,
  said: string,
  structured: unknown,
): Facts {
  const denial = textOf(record.toolDenialKind);
  if (denial !== undefined && STOPPED.has(denial)) return INTERRUPTED;
  if (denial !== undefined) return denied(denial);
  const remark = textOf(structured);
  if (remark?.startsWith(REJECTED) === true) return denied('user');
  const failed = block.is_error === true;
  if (failed && said.startsWith(INTERRUPT_START)) return INTERRUPTED;
  if (failed && DENIAL_STARTS.some((start) => said.startsWith(start))) return denied('user');
  if (objectOf(structured)?.interrupted === true) return INTERRUPTED;
  if (!failed) return { outcome: 'ok' };
  const refusal = REFUSALS.find(([starts]) => starts.test(said));
  return refusal === undefined
    ? { outcome: 'error', error_type: errorType(said) }
    : denied(refusal[1]);
}

/** The exit code of a shell command, if the result begins with it. */
export function exitCodeOf(said: string): number | undefined {
  const code = EXIT_CODE.exec(said)?.[1];
  return code === undefined ? undefined : Number(code);
}

function denied(kind: string): Facts {
  return {
    outcome: 'denied',
    decision: 'deny',
    decision_source: sourceOf(kind),
    denial_kind: kind,
  };
}

function sourceOf(kind: string): string {
  if (/hook/i.test(kind)) return 'hook';
  if (/classifier|auto/i.test(kind)) return 'classifier';
  if (/rule|setting|policy/i.test(kind)) return 'rule';
  return 'user';
}

function errorType(said: string): string {
  if (said.startsWith('<tool_use_error>')) return 'tool_use_error';
  if (exitCodeOf(said) !== undefined) return 'nonzero_exit';
  return 'tool_error';
}
