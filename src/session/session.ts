import type { Content, Cost, TokenUsage } from './operation.ts';

/** How the last turn ended; says nothing about whether the task succeeded. */
export type SessionOutcome = 'success' | 'error' | 'interrupted' | 'killed' | 'unfinished';

/**
 * `running`: something is open, or the session is fresh without a finished turn. `quiet`: its turn is finished.
 * `closed`: its end was recorded.
 */
export type SessionState = 'running' | 'quiet' | 'closed';

/** What is known at the session's first event and never changes: it may appear on every span. */
export interface SessionHead {
  /** Native id of the root session, unchanged. */
  readonly sessionId: string;
  /** 32 lower-case hex digits. */
  readonly traceId: string;
  /** 16 lower-case hex digits: the root span's id. */
  readonly rootOperationId: string;
  /** Permanent product id of the agent: `claude-code`, `codex`, … */
  readonly agentId: string;
  readonly agentName: string;
  readonly agentVersion?: string | undefined;
  readonly startMicros: number;
  readonly cwd?: string | undefined;
  readonly gitBranch?: string | undefined;
  readonly entrypoint?: string | undefined;
  readonly userId?: string | undefined;
  readonly parentSession?: string | undefined;
  /** W3C trace context of the environment at recording time. */
  readonly traceparent?: string | undefined;
  /** `run_id` given by the user, else the session id. */
  readonly runId: string;
}

/** What is known once the whole session has been read; appears only on the root span. */
export interface SessionTotals {
  readonly startMicros: number;
  readonly endMicros: number;
  readonly state: SessionState;
  readonly outcome: SessionOutcome;
  /** Why it was killed, if recorded. */
  readonly killReason?: string | undefined;
  readonly title?: string | undefined;
  /** The newest one reported; the head has that of the first source. */
  readonly agentVersion?: string | undefined;
  readonly entrypoint?: string | undefined;
  /** Response models in order of first use, at most 20. */
  readonly models: readonly string[];
  readonly turns: number;
  readonly prompts: number;
  readonly responses: number;
  readonly llmCalls: number;
  readonly llmErrors: number;
  readonly toolCalls: number;
  readonly toolErrors: number;
  readonly denials: number;
  readonly interrupts: number;
  readonly subagents: number;
  readonly compactions: number;
  readonly silentFailures: number;
  readonly unfinished: number;
  /** Sum over LLM calls, subagents included; absent if no call recorded tokens. */
  readonly usage?: TokenUsage | undefined;
  /** Recorded for the session, else the sum over its calls; absent if neither is known. */
  readonly cost?: Cost | undefined;
  /** The main agent's first prompt and last response; processing has been applied to their text. */
  readonly firstPrompt?: Content | undefined;
  readonly lastResponse?: Content | undefined;
  readonly eventCount: number;
  /** Number of facts that came after their operation was settled. */
  readonly lateFacts: number;
}
