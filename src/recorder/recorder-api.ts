/** How a recorder is opened. */
export interface RecorderOptions {
  /** What your agent is called; the same in every run. */
  readonly agent: string;
  readonly agentVersion?: string;
  /** The store; else `AGENT_STRACE_DB`, else the platform's folder for application data. */
  readonly db?: string;
  /** Told once of each problem with recording. Nothing is ever thrown because of one. */
  readonly onProblem?: (problem: unknown) => void;
  /** Facts that may wait in memory for a locked store; more wait in files beside it, and are lost where none can be written. Default 10,000. */
  readonly mostWaiting?: number;
}

/** Records what an agent does into a store, while it does it. No method throws. */
export interface Recorder {
  startSession(options?: SessionOptions): RecordedSession;
  /** Writes what waits in memory; true when everything is in the store. It also happens by itself, within milliseconds. */
  flush(): boolean;
  /** Writes everything and closes the store; what comes later is not recorded. When the process ends, everything is written too. */
  close(): void;
  /** Facts lost because neither the store nor the folder beside it could be written, or because they came after `close`. */
  readonly dropped: number;
}

export interface SessionOptions {
  /** A new UUID where it is not given. A UUID is the trace id, too. An id used before goes on with that session. */
  readonly id?: string;
  readonly title?: string;
  readonly cwd?: string;
  readonly userId?: string;
  readonly runId?: string;
  /** W3C trace context this run belongs to; else that of the environment (`TRACEPARENT`). */
  readonly traceparent?: string;
}

/** How often a prompt template was changed is what makes runs comparable: name it and its version. */
export interface PromptTemplate {
  readonly name: string;
  readonly version?: string;
  /** The template before anything is filled in; only its SHA-256 is recorded. */
  readonly template?: string;
}

export interface PromptOptions {
  readonly template?: PromptTemplate;
  /** Who gave it: `human` (default), `agent`, `scheduled` … */
  readonly origin?: string;
}

export interface LlmRequest {
  readonly model: string;
  /** As in the GenAI conventions: `anthropic`, `openai`, `aws.bedrock` … */
  readonly provider?: string;
  /** Host that is called; of a URL its host is taken, and its port where `serverPort` is not given. */
  readonly serverAddress?: string;
  readonly serverPort?: number;
  readonly maxTokens?: number;
  readonly temperature?: number;
  readonly topP?: number;
  readonly stream?: boolean;
  readonly template?: PromptTemplate;
}

/** What a model answered; state what you know. */
export interface LlmResult {
  readonly model?: string;
  readonly responseId?: string;
  /** Why it stopped: `end_turn`, `tool_use`, `max_tokens` … */
  readonly stopReason?: string;
  readonly usage?: {
    /** All input tokens, cached ones included. */
    readonly input?: number;
    /** All output tokens, reasoning included. */
    readonly output?: number;
    readonly cacheRead?: number;
    readonly cacheWrite?: number;
    readonly reasoning?: number;
  };
  /** US dollars, where the provider tells. */
  readonly costUsd?: number;
  /** What it said. */
  readonly text?: string;
  readonly reasoning?: string;
}

export interface LlmCall {
  /** W3C context of this call, for the request's `traceparent` header. */
  readonly traceparent: string;
  /** What came back; call it before your function returns. */
  result(result: LlmResult): void;
  /** The first piece of a streamed answer is here; says that it is streamed, too. */
  firstChunk(): void;
}

export interface ToolRequest {
  readonly name: string;
  readonly input?: unknown;
  /** The id that the model gave the call. */
  readonly callId?: string;
  readonly description?: string;
  readonly mcpServer?: string;
  readonly type?: 'function' | 'extension' | 'datastore' | 'mcp';
}

export interface ToolCall {
  /** W3C context of this call, for requests the tool sends. */
  readonly traceparent: string;
  /** What to record as output in place of what your function returns. */
  output(output: unknown): void;
  /** The tool ran and failed, although your function does not throw. */
  failed(type: string, message?: string): void;
  /** The tool did not run because somebody refused. */
  denied(source?: 'user' | 'rule' | 'hook' | 'classifier'): void;
  exitCode(code: number): void;
}

export interface RetrievalRequest {
  readonly query?: string;
  readonly dataSource?: string;
  readonly topK?: number;
}

export interface Decision {
  readonly choice: string;
  readonly alternatives?: readonly string[];
  readonly reason?: string;
}

export interface Permission {
  readonly decision: 'allow' | 'deny' | 'ask';
  readonly source?: 'user' | 'rule' | 'hook' | 'classifier';
  readonly tool?: string;
  readonly callId?: string;
  readonly reason?: string;
  readonly waitMillis?: number;
}

/**
 * One run of an agent. Calls made inside a tool's function become its children, across `await` too. A function that
 * throws is recorded as failed, and what it threw is thrown again.
 */
export interface RecordedSession {
  readonly id: string;
  /** 32 hex digits: the trace it will be. */
  readonly traceId: string;
  /** What the agent was asked. Begins a turn, which lasts until the next prompt or the session's end. */
  prompt(text: string, options?: PromptOptions): void;
  /** What the agent answered, where no LLM call's result has said it. */
  response(text: string): void;
  llmCall<T>(request: LlmRequest, call: (call: LlmCall) => T): T;
  toolCall<T>(request: ToolRequest, run: (call: ToolCall) => T): T;
  /** Something was looked up; an array that the function returns is counted as documents. */
  retrieval<T>(request: RetrievalRequest, run: () => T): T;
  decision(decision: Decision): void;
  permission(permission: Permission): void;
  /** The session is over. Recorded at most once. */
  end(outcome?: 'success' | 'error' | 'interrupted'): void;
}

/** Opens a recorder; see {@link RecorderOptions}. Never throws. */
export declare function openRecorder(options: RecorderOptions): Recorder;
