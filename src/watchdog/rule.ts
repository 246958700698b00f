/** What happens when a rule is broken. */
export type ViolationAction = 'warn' | 'kill';

interface RuleBase {
  readonly action: ViolationAction;
}

/** The session has been going on for longer than this, waiting included. */
export interface DurationRule extends RuleBase {
  readonly limit: 'duration';
  readonly maxMicros: number;
}

/** One tool call has been running for longer than this. */
export interface CallDurationRule extends RuleBase {
  readonly limit: 'call_duration';
  readonly maxMicros: number;
  /** Only calls of this tool; of every tool where absent. */
  readonly tool?: string | undefined;
}

/** More US dollars than this, recorded or estimated. */
export interface BudgetRule extends RuleBase {
  readonly limit: 'budget';
  readonly usd: number;
}

/** More tool calls than this; a denied one did not run and does not count. */
export interface ToolCallsRule extends RuleBase {
  readonly limit: 'tool_calls';
  readonly max: number;
  readonly tool?: string | undefined;
}

/** More failed tool and LLM calls than this. */
export interface ErrorsRule extends RuleBase {
  readonly limit: 'errors';
  readonly max: number;
}

/** The same tool with the same arguments this often among so many calls of one agent. */
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

/** Where nobody names the window: one in which the threshold can be reached. */
export function usualLoopWindow(threshold: number): number {
  return Math.max(LOOP_DEFAULTS.window, threshold);
}

/** A rule that was broken, told once. */
export interface Violation {
  readonly rule: Rule;
  /** For the person; may name a tool. */
  readonly message: string;
  /** For the record: says which limit was passed and holds nothing that was recorded. */
  readonly reason: string;
}
