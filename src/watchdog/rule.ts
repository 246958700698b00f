/** What to do when a rule is violated. */
export type ViolationAction = 'warn' | 'kill';

interface RuleBase {
  readonly action: ViolationAction;
}

/** The session has been running for longer than this, including waiting. */
export interface DurationRule extends RuleBase {
  readonly limit: 'duration';
  readonly maxMicros: number;
}

/** One tool call has been running for longer than this. */
export interface CallDurationRule extends RuleBase {
  readonly limit: 'call_duration';
  readonly maxMicros: number;
  /** Only calls of this tool; if absent, of every tool. */
  readonly tool?: string | undefined;
}

/** The session has cost more US dollars than this, recorded or estimated. */
export interface BudgetRule extends RuleBase {
  readonly limit: 'budget';
  readonly usd: number;
}

/** The session has made more tool calls than this; a denied call did not run and does not count. */
export interface ToolCallsRule extends RuleBase {
  readonly limit: 'tool_calls';
  readonly max: number;
  readonly tool?: string | undefined;
}

/** More tool and LLM calls than this failed. */
export interface ErrorsRule extends RuleBase {
  readonly limit: 'errors';
  readonly max: number;
}

/** The same tool was called with the same arguments this often among so many calls of one agent. */
export interface LoopRule extends RuleBase {
  readonly limit: 'loop';
  readonly threshold: number;
  readonly window: number;
}

/** A limit of a session; everything inside it counts, subagents included. */
export type Rule =
  | DurationRule
  | CallDurationRule
  | BudgetRule
  | ToolCallsRule
  | ErrorsRule
  | LoopRule;

export const LOOP_DEFAULTS = { threshold: 3, window: 10 } as const;
export const LARGEST_LOOP_WINDOW = 1000;

/** The window if none is given: one in which the threshold can be reached. */
export function usualLoopWindow(threshold: number): number {
  return Math.max(LOOP_DEFAULTS.window, threshold);
}

/** A violated rule, reported once. */
export interface Violation {
  readonly rule: Rule;
  /** For the user; may name a tool. */
  readonly message: string;
  /** For the recording: says which limit was exceeded and contains no recorded text. */
  readonly reason: string;
}
