import type { SessionOutcome, SessionState } from '../session/session.ts';

/**
 * How one session (a root session with its subagents) behaved. An undefined member is unknown or does not apply; it
 * is never set to 0 for that reason. docs/metrics.md defines every number.
 */
export interface SessionMetrics {
  readonly state: SessionState;
  readonly outcome: SessionOutcome;
  /** Microseconds since the epoch. */
  readonly startMicros: number;
  readonly endMicros: number;
  /** Response models in order of first use. */
  readonly models: readonly string[];

  /** US dollars. */
  readonly costUsd?: number | undefined;
  readonly costBasis?: 'recorded' | 'estimated' | undefined;
  /** LLM calls with tokens but without a known price, if there are any; `costUsd` is then a lower bound. */
  readonly unpricedCalls?: number | undefined;
  /** Wall clock from the first to the last event, seconds. */
  readonly durationS: number;
  /** Seconds in which at least one LLM call, tool call or retrieval was under way. */
  readonly activeS?: number | undefined;

  /** Tool calls that ran; does not include denied calls. */
  readonly toolCalls: number;
  readonly toolErrors: number;
  readonly deniedCalls: number;
  readonly retries: number;
  readonly silentFailures: number;
  /** Errors per tool call, 0 to 1. Absent without tool calls. */
  readonly errorRate?: number | undefined;
  /** Retries per tool call, 0 to 1. Absent without tool calls. */
  readonly retryRate?: number | undefined;
  /** Denied calls per requested call, 0 to 1. Absent if no call was requested. */
  readonly denialRate?: number | undefined;
  /** Distinct files written, moved or deleted. */
  readonly blastRadius: number;
  /** True if more distinct files were written than are counted; `blastRadius` is then a lower bound. */
  readonly blastRadiusCapped: boolean;

  readonly llmCalls: number;
  readonly llmErrors: number;
  readonly tokensIn?: number | undefined;
  readonly tokensOut?: number | undefined;
  readonly tokensCacheRead?: number | undefined;
  readonly tokensCacheWrite?: number | undefined;
  readonly tokensReasoning?: number | undefined;
}
