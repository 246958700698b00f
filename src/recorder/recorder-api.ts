/** How to open a recorder. */
export interface RecorderOptions {
  /** Name of your agent; the same in every run. */
  readonly agent: string;
  readonly agentVersion?: string | undefined;
  /** Path of the store; else `AGENT_STRACE_DB`, else the platform's folder for application data. */
  readonly db?: string | undefined;
  /** Called once for each problem with recording. No such problem is ever thrown. */
  readonly onProblem?: ((problem: unknown) => void) | undefined;
  /**
   * Most facts that may wait in memory for a locked store; more wait in files beside it, or are lost if those cannot be
   * written. Default 10,000.
   */
  readonly mostWaiting?: number | undefined;
}

/** Records what an agent does into a store, as it happens. No method throws. */
export interface Recorder {
  startSession(options?: SessionOptions): RecordedSession;
  /**
   * Writes what waits in memory; true if everything is now in the store. Also happens by itself, within milliseconds.
   */
  flush(): boolean;
  /**
   * Writes everything and closes the store; later facts are not recorded. Everything is also written when the process
   * ends.
   */
  close(): void;
  /**
   * Facts lost because neither the store nor the folder beside it could be written to, or because they came after
   * `close`.
   */
  readonly dropped: number;
}

export interface SessionOptions {
  /** Default: a new UUID. A UUID is also used as the trace id. An id that was used before continues that session. */
  readonly id?: string | undefined;
  readonly title?: string | undefined;
  readonly cwd?: string | undefined;
  readonly userId?: string | undefined;
  readonly runId?: string | undefined;
  /** W3C trace context that this run belongs to; default: that of the environment (`TRACEPARENT`). */
  readonly traceparent?: string | undefined;
}

/** Runs can only be compared if they used the same prompt template: name it and its version. */
export interface PromptTemplate {
  readonly name: string;
  readonly version?: string | undefined;
  /** The template before anything is filled in; only its SHA-256 is recorded. */
  readonly template?: string | undefined;
}

export interface PromptOptions {
  readonly template?: PromptTemplate | undefined;
  /** Who wrote it: `human` (default), `agent`, `scheduled` … */
  readonly origin?: string | undefined;
}

export interface LlmRequest {
  readonly model: string;
  /** As in the GenAI conventions: `anthropic`, `openai`, `aws.bedrock` … */
  readonly provider?: string | undefined;
  /** Host that is called. From a URL, the host is used, and its port unless `serverPort` is given. */
  readonly serverAddress?: string | undefined;
  readonly serverPort?: number | undefined;
  readonly maxTokens?: number | undefined;
  readonly temperature?: number | undefined;
  readonly topP?: number | undefined;
  readonly stream?: boolean | undefined;
  readonly template?: PromptTemplate | undefined;
}

/** The model's answer; state what you know. */
export interface LlmResult {
  readonly model?: string | undefined;
  readonly responseId?: string | undefined;
  /** Why it stopped: `end_turn`, `tool_use`, `max_tokens` … */
  readonly stopReason?: string | undefined;
  readonly usage?:
    | {
        /** All input tokens, cached ones included. */
        readonly input?: number | undefined;
        /** All output tokens, reasoning included. */
        readonly output?: number | undefined;
        readonly cacheRead?: number | undefined;
        readonly cacheWrite?: number | undefined;
        readonly reasoning?: number | undefined;
      }
    | undefined;
  /** In US dollars, if the provider says. */
  readonly costUsd?: number | undefined;
  /** The reply text. */
  readonly text?: string | undefined;
  readonly reasoning?: string | undefined;
}

export interface LlmCall {
  /** W3C trace context of this call, for the request's `traceparent` header. */
  readonly traceparent: string;
  /**
   * States the model's answer; call it before your function returns. Of several calls, each adds to what was stated, as
   * the pieces of a stream arrive.
   */
  result(result: LlmResult): void;
  /** The first piece of a streamed answer has arrived; also marks the answer as streamed. */
  firstChunk(): void;
}

export interface ToolRequest {
  readonly name: string;
  readonly input?: unknown;
  /** The id that the model gave to the call. */
  readonly callId?: string | undefined;
  readonly description?: string | undefined;
  readonly mcpServer?: string | undefined;
  readonly type?: 'function' | 'extension' | 'datastore' | 'mcp' | undefined;
}

export interface ToolCall {
  /** W3C trace context of this call, for requests that the tool sends. */
  readonly traceparent: string;
  /** What to record as output instead of your function's return value. */
  output(output: unknown): void;
  /** The tool ran and failed, although your function does not throw. */
  failed(type: string, message?: string): void;
  /** The tool did not run because it was refused. */
  denied(source?: 'user' | 'rule' | 'hook' | 'classifier'): void;
  exitCode(code: number): void;
}

export interface RetrievalRequest {
  readonly query?: string | undefined;
  readonly dataSource?: string | undefined;
  readonly topK?: number | undefined;
}

export interface Decision {
  readonly choice: string;
  readonly alternatives?: readonly string[] | undefined;
  readonly reason?: string | undefined;
}

export interface Permission {
  readonly decision: 'allow' | 'deny' | 'ask';
  readonly source?: 'user' | 'rule' | 'hook' | 'classifier' | undefined;
  readonly tool?: string | undefined;
  readonly callId?: string | undefined;
  readonly reason?: string | undefined;
  readonly waitMillis?: number | undefined;
}

/**
 * One run of an agent. Calls made inside a tool's function become its children, also across `await`. A function that
 * throws is recorded as failed, and its error is thrown again.
 */
export interface RecordedSession {
  readonly id: string;
  /** The session's trace id: 32 hex digits. */
  readonly traceId: string;
  /** What the agent was asked. Begins a turn, which lasts until the next prompt or the end of the session. */
  prompt(text: string, options?: PromptOptions): void;
  /** What the agent answered, unless the result of an LLM call already said so. */
  response(text: string): void;
  llmCall<T>(request: LlmRequest, call: (call: LlmCall) => T): T;
  toolCall<T>(request: ToolRequest, run: (call: ToolCall) => T): T;
  /** A lookup; if the function returns an array, its length is the number of documents. */
  retrieval<T>(request: RetrievalRequest, run: () => T): T;
  decision(decision: Decision): void;
  permission(permission: Permission): void;
  /** The session is over. Recorded at most once. */
  end(outcome?: 'success' | 'error' | 'interrupted'): void;
}

/** Opens a recorder; see {@link RecorderOptions}. Never throws. */
export declare function openRecorder(options: RecorderOptions): Recorder;
