import type { Content, Cost, TokenUsage } from './operation.ts';

/** How the last turn ended; says nothing about whether the task worked. */
export type SessionOutcome = 'success' | 'error' | 'interrupted' | 'killed' | 'unfinished';

/** `running`: something is open, or fresh without a finished turn. `quiet`: its turn is finished. `closed`: its end was recorded. */
export type SessionState = 'running' | 'quiet' | 'closed';

/** What is known at the session's first event, and for ever: it may appear on every span. */
export interface SessionHead {
  /** Native id of the root session, unchanged. */
  readonly sessionId: string;
  /** 32 lower-case hex digits. */
  readonly traceId: string;
  /** 16 lower-case hex digits: the root span's id. */
  readonly rootOperationId: string;
  /** Lasting product id of the agent: `claude-code`, `codex`, … */
  readonly agentId: string;
  readonly agentName: string;
  readonly agentVersion?: string | undefined;
  readonly startMicros: number;
  readonly cwd?: string | undefined;
  readonly gitBranch?: string | undefined;
  readonly entrypoint?: string | undefined;
  readonly userId?: string | undefined;
  readonly parentSession?: string | undefined;
  /** Ambient W3C context captured when recording. */
  readonly traceparent?: string | undefined;
  /** `run_id` given by the user, else the session id. */
  readonly runId: string;
}

/** What is known when the session has been read to its end; appears only on the root span. */
export interface SessionTotals {
  readonly startMicros: number;
  readonly endMicros: number;
  readonly state: SessionState;
  readonly outcome: SessionOutcome;
  /** Why it was killed, where that was recorded. */
  readonly killReason?: string | undefined;
  readonly title?: string | undefined;
  /** The newest that was told; the head has those of the source that came first. */
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
  /** Sum over LLM calls, subagents included; absent where no call recorded tokens. */
  readonly usage?: TokenUsage | undefined;
  /** Recorded for the session, else the sum over its calls; absent where neither is known. */
  readonly cost?: Cost | undefined;
  /** The main agent's first prompt and last response; processing has been applied to their text. */
  readonly firstPrompt?: Content | undefined;
  readonly lastResponse?: Content | undefined;
  readonly eventCount: number;
  /** Facts that came after their operation was settled. */
  readonly lateFacts: number;
}
