import type { listedSession } from '../../src/commands/output/listed-session.ts';
import type {
  Content,
  Cost,
  Message,
  MessagePart,
  Operation,
  TokenUsage,
} from '../../src/session/operation.ts';
import type { SessionHead, SessionTotals } from '../../src/session/session.ts';

/** Type and meaning of each member; the compiler refuses a missing and an unknown one. */
export type Members<T> = { readonly [K in keyof T]-?: readonly [type: string, meaning: string] };

type Kind = Operation['kind'];
/** What an operation of one kind has beside what all have. */
type Own<K extends Kind> = Omit<Extract<Operation, { kind: K }>, keyof Operation>;

const USD = ['number', 'US dollars.'] as const;
const MICROS = 'integer, µs';

export const LISTED: Members<ReturnType<typeof listedSession>> = {
  session_id: ['string', 'Id as the agent writes it; every command takes it.'],
  trace_id: ['string', '32 hex digits: the id of its trace at every backend.'],
  agent: ['string', 'Product: `claude-code`, `codex`, `opencode`, …'],
  title: [
    'string',
    'As recorded, redacted. The table shows the first prompt where there is none; this does not.',
  ],
  start: ['string', 'Time of its first event, ISO 8601, UTC.'],
  end: ['string', 'Time of its last event.'],
  duration_s: ['number', 'Seconds from one to the other.'],
  state: ['string', '`running`, `quiet` or `closed`.'],
  outcome: [
    'string',
    'How its last turn ended: `success`, `error`, `interrupted`, `killed` or `unfinished`.',
  ],
  models: [
    'array of strings',
    'Models that answered, or were asked for where the answer names none, in order of first use, at most 20.',
  ],
  tool_calls: ['integer', 'Tool calls that ran, subagents included.'],
  errors: ['integer', 'Failed tool and model calls.'],
  usage: ['object', '[Tokens](#tokens) of the session; absent where none were recorded.'],
  cost_usd: ['number', 'US dollars; absent where no cost is known.'],
  cost_basis: ['string', '`recorded` or `estimated`.'],
  unpriced_calls: [
    'integer',
    'Model calls with tokens but without a known price, if there are any; the cost is then a lower bound.',
  ],
};

export const HEAD: Members<SessionHead> = {
  sessionId: ['string', 'Id as the agent writes it.'],
  traceId: ['string', '32 hex digits: the id of its trace at every backend.'],
  rootOperationId: ['string', '16 hex digits: the id of its root span.'],
  agentId: ['string', 'Product: `claude-code`, `codex`, `opencode`, …'],
  agentName: ['string', 'Its name for people.'],
  agentVersion: ['string', 'Version that the recording began with.'],
  startMicros: [MICROS, 'Time of the first event.'],
  cwd: ['string', 'Working directory.'],
  gitBranch: ['string', 'Branch.'],
  entrypoint: ['string', 'How the agent was started, in its own words.'],
  userId: ['string', 'User, where a recorder named one.'],
  parentSession: ['string', 'Session that this one continues or was forked from.'],
  traceparent: ['string', 'W3C context that was around the agent when it was recorded.'],
  runId: ['string', '`run_id` that a recorder gave, else the session id.'],
};

export const TOTALS: Members<SessionTotals> = {
  startMicros: [MICROS, 'Time of the first event.'],
  endMicros: [MICROS, 'Time of the last event.'],
  state: ['string', '`running`, `quiet` or `closed`.'],
  outcome: [
    'string',
    'How the last turn ended: `success`, `error`, `interrupted`, `killed` or `unfinished`.',
  ],
  killReason: ['string', 'Why it was killed.'],
  title: ['string', 'As recorded.'],
  agentVersion: ['string', 'Newest version that was told.'],
  entrypoint: ['string', 'How the agent was started, in its own words.'],
  models: [
    'array of strings',
    'Models that answered, or were asked for where the answer names none, in order of first use, at most 20.',
  ],
  turns: ['integer', 'Turns.'],
  prompts: ['integer', 'Prompts to the main agent.'],
  responses: ['integer', 'Responses.'],
  llmCalls: ['integer', 'Model calls.'],
  llmErrors: ['integer', 'Model calls that failed.'],
  toolCalls: ['integer', 'Tool calls that ran.'],
  toolErrors: ['integer', 'Tool calls that failed.'],
  denials: ['integer', 'Tool calls that were denied, and did not run.'],
  interrupts: [
    'integer',
    'Interruptions: turns that were stopped, and calls that were stopped in other turns.',
  ],
  subagents: ['integer', 'Subagents.'],
  compactions: ['integer', 'Compactions of the context.'],
  silentFailures: ['integer', 'Tool calls that reported success while their text shows a failure.'],
  unfinished: ['integer', 'Operations without a recorded end, turns and subagents apart.'],
  usage: ['object', '[Tokens](#tokens), subagents included.'],
  cost: ['object', '[Cost](#cost), subagents included.'],
  firstPrompt: ['object', 'The main agent’s first prompt, a [content](#content).'],
  lastResponse: ['object', 'The main agent’s last response, a [content](#content).'],
  eventCount: ['integer', 'Facts in the store.'],
  lateFacts: ['integer', 'Facts that came after their span was sent.'],
};

type Common = Members<Pick<Operation, keyof Operation>>;

export const OPERATION: Common = {
  kind: ['string', 'What it is; the table below.'],
  id: ['string', '16 hex digits: the id of its span.'],
  session: ['string', 'Session that it was recorded in.'],
  rootSession: ['string', 'Session whose trace it belongs to.'],
  lane: ['string', 'Subagent that did it; empty for the main agent.'],
  laneName: ['string', 'What that subagent is called.'],
  parentId: ['string', 'Operation around it; absent where that is the session.'],
  startMicros: [MICROS, 'Start.'],
  endMicros: [MICROS, 'End, never before the start; the last known time where `unfinished`.'],
  startBasis: [
    'string',
    'Where the start comes from: `recorded`, `line` (the time of its line), `received` (when a hook was called) or `inferred`.',
  ],
  endBasis: ['string', 'The same of the end.'],
  clockWentBack: ['boolean', 'The recorded end lay before the start.'],
  unfinished: ['boolean', 'No end was recorded.'],
  throughSeq: ['integer', 'Sequence number, in the store, of its last fact.'],
  captures: ['array of strings', 'How its facts came: `transcript`, `hook`, `recorder`, `import`.'],
  contents: ['array of objects', 'Its texts, each a [content](#content).'],
  redactions: ['object', 'How many places were replaced, by the name of the rule.'],
  redactedKinds: ['array of strings', 'Kinds of these rules: `secret`, `personal`, `bulk`.'],
};

const ERROR = [
  'object',
  'Why it failed: `type`, and `message` where content is let through.',
] as const;

export const OWN: { readonly [K in Kind]: Members<Own<K>> } = {
  turn: {
    index: ['integer', '1 for the first turn of its lane.'],
    promptId: ['string', 'The agent’s id of the prompt.'],
    outcome: ['string', '`completed`, `interrupted`, `error` or `unknown`.'],
  },
  llm_call: {
    responseId: ['string', 'The provider’s id of the response.'],
    requestId: ['string', 'The provider’s id of the request.'],
    requestModel: ['string', 'Model that was asked for.'],
    responseModel: ['string', 'Model that answered.'],
    provider: ['string', 'Provider, as recorded.'],
    serverAddress: ['string', 'Host that was asked.'],
    serverPort: ['integer', 'Its port.'],
    finishReasons: ['array of strings', 'Why the model stopped.'],
    usage: ['object', '[Tokens](#tokens).'],
    cost: ['object', '[Cost](#cost).'],
    stream: ['boolean', 'The answer was streamed.'],
    timeToFirstChunkMicros: [MICROS, 'Time until the first piece of the answer.'],
    maxTokens: ['integer', 'Most tokens that were asked for.'],
    temperature: ['string', 'Decimal text.'],
    topP: ['string', 'Decimal text.'],
    reasoningLevel: ['string', 'Effort that was asked for.'],
    serviceTier: ['string', 'Service tier.'],
    fast: ['boolean', 'Answered in a fast mode, which is dearer.'],
    httpStatus: ['integer', 'Status of the answer.'],
    retryCount: ['integer', 'Attempts before this one.'],
    retryReason: ['string', 'Why there were some.'],
    promptName: ['string', 'Name of the prompt template.'],
    promptVersion: ['string', 'Its version.'],
    promptHash: ['string', 'Its digest.'],
    error: ERROR,
    aborted: ['boolean', 'It was stopped.'],
    compacted: ['boolean', 'It came right after a compaction, or wrote its summary.'],
    messageRefs: [
      'object',
      'Operations that hold what it was given (`inputs`) and gave (`outputs`).',
    ],
    inputMessages: [
      'array of objects',
      '[Messages](#messages): what is new since the lane’s previous call.',
    ],
    outputMessages: ['array of objects', '[Messages](#messages) that it gave.'],
  },
  tool_call: {
    callId: ['string', 'The agent’s id of the call.'],
    name: ['string', 'Name of the tool.'],
    toolType: ['string', '`function`, `extension`, `datastore` or `mcp`.'],
    outcome: ['string', '`ok`, `error`, `denied` (it did not run), `interrupted` or `unknown`.'],
    error: ERROR,
    mcpServer: ['string', 'MCP server.'],
    mcpTool: ['string', 'Tool of that server.'],
    mcpSessionId: ['string', 'Session with it.'],
    mcpTransport: ['string', 'How it is reached.'],
    exitCode: ['integer', 'Exit code of a command.'],
    executable: ['string', 'Program of a command.'],
    httpStatus: ['integer', 'Status of a request.'],
    skill: ['string', 'Skill that was used.'],
    files: [
      'array of objects',
      'Files that it named: `path` and `action` (`read`, `write`, `delete`, `move`).',
    ],
    retryCount: ['integer', 'Attempts before this one.'],
    retryReason: ['string', 'Why there were some.'],
    traceparent: ['string', 'W3C context that was recorded with it.'],
    description: ['string', 'What the agent said it is for.'],
    decision: [
      'object',
      'Whether it was allowed: `decision`, `source` and `waitMicros`, as of a `permission`.',
    ],
    silentFailure: ['boolean', 'It reported success while its text shows a failure.'],
    callDigest: ['string', 'The same for calls with the same name and input.'],
  },
  prompt: {
    origin: ['string', 'Who wrote it, in the agent’s own words.'],
    promptName: ['string', 'Name of the prompt template.'],
    promptVersion: ['string', 'Its version.'],
    promptHash: ['string', 'Its digest.'],
  },
  response: {
    llmCallId: ['string', 'The model call that gave it.'],
    responseModel: ['string', 'Model that gave it, in recordings that hold no model calls.'],
  },
  permission: {
    decision: ['string', '`allow`, `deny`, `ask` or `unknown`.'],
    source: ['string', 'Who decided: `user`, `rule`, `hook`, `classifier` or `unknown`.'],
    waitMicros: [MICROS, 'How long it took.'],
    toolName: ['string', 'Tool that it was about.'],
    toolCallId: ['string', 'The agent’s id of the call.'],
    reason: ['string', 'Why.'],
  },
  compaction: {
    trigger: ['string', 'What set it off.'],
    tokensBefore: ['integer', 'Tokens of the context before.'],
    tokensAfter: ['integer', 'And after.'],
  },
  subagent: {
    agentId: ['string', 'The agent’s id of it.'],
    agentType: ['string', 'Type.'],
    description: ['string', 'What it was asked for, in short.'],
    model: ['string', 'Model that it was given.'],
    background: ['boolean', 'The agent did not wait for it.'],
    depth: ['integer', 'Depth among subagents.'],
    outcome: ['string', '`completed`, `error`, `interrupted` or `unknown`.'],
  },
  retrieval: {
    dataSource: ['string', 'What was searched.'],
    topK: ['integer', 'Most results that were asked for.'],
    documentCount: ['integer', 'Results.'],
    error: ERROR,
  },
  decision: {
    choice: ['string', 'What was chosen.'],
    alternatives: ['array of strings', 'What was not.'],
  },
  notice: {
    name: ['string', 'Kind of notice.'],
    level: ['string', '`info`, `warning` or `error`.'],
    facts: ['object', 'What was recorded with it, by name.'],
  },
};

export const CONTENT: Members<Content> = {
  name: ['string', '`input`, `output`, `text`, `reasoning`, `error` or `summary`.'],
  media: ['string', '`text/plain` or `application/json`.'],
  size: ['integer', 'Bytes of the recorded text, before redaction.'],
  commitment: ['string', '[Salted digest](privacy.md#what-is-in-an-export), 64 hex digits.'],
  seq: ['integer', 'Sequence number of the fact that it came with.'],
  text: ['string', 'The text; absent under `--content none` and where it was erased.'],
};

export const USAGE: Members<TokenUsage> = {
  input: ['integer', 'Given to the model, cached ones included.'],
  output: ['integer', 'Written by the model, reasoning included.'],
  cacheRead: ['integer', 'Part of `input` that came from the cache.'],
  cacheWrite: ['integer', 'Part of `input` that was written to the cache.'],
  cacheWrite5m: ['integer', 'Part of that for five minutes.'],
  cacheWrite1h: ['integer', 'Part of that for an hour.'],
  reasoning: ['integer', 'Part of `output`.'],
  basis: [
    'string',
    '`exact`; `merged` from several lines; `increment` of a counter; `lower_bound`; `session_total`, known for the session only.',
  ],
};

export const COST: Members<Cost> = {
  usd: USD,
  basis: ['string', '`recorded` or `estimated`.'],
  priceTable: ['string', 'Where the prices of an estimate come from.'],
  unpricedCalls: [
    'integer',
    'Of a session: model calls with tokens but without a known price, if there are any; `usd` is then a lower bound.',
  ],
};

export const MESSAGE: Members<Message> = {
  role: ['string', '`system`, `user`, `assistant` or `tool`.'],
  parts: ['array of objects', 'Its parts, with the members below.'],
};

export const PART: Members<MessagePart> = {
  type: ['string', '`text`, `reasoning`, `tool_call` or `tool_call_response`.'],
  text: ['string', 'The text.'],
  toolCallId: ['string', 'The agent’s id of the call.'],
  toolName: ['string', 'Name of its tool.'],
  media: ['string', '`text/plain` or `application/json`.'],
};
