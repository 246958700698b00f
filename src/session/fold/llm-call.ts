import type { ContentName } from '../event.ts';
import type {
  LlmCallOperation,
  MessageRefs,
  OperationError,
  TokenUsage,
  UsageBasis,
} from '../operation.ts';
import { operationBase } from './base.ts';
import {
  contentsOf,
  earliest,
  flagFact,
  integerFact,
  largestFact,
  latest,
  listFact,
  type Moment,
  messageRefs,
  type OperationFacts,
  textFact,
  withoutSideCopies,
} from './facts.ts';

/** One response is written as several lines whose thinking blocks add up. */
const ADDING: ReadonlySet<ContentName> = new Set(['reasoning']);

const BASES: readonly UsageBasis[] = [
  'exact',
  'merged',
  'increment',
  'lower_bound',
  'session_total',
];

/** Token counters only grow while a response is written: the largest value of each field is the final one. */
function usageOf(known: OperationFacts): TokenUsage | undefined {
  const input = largestFact(known, 'usage_input');
  const output = largestFact(known, 'usage_output');
  if (input === undefined && output === undefined) return undefined;
  const stated = textFact(known.merged, 'usage_basis');
  return {
    input,
    output,
    cacheRead: largestFact(known, 'usage_cache_read'),
    cacheWrite: largestFact(known, 'usage_cache_write'),
    cacheWrite5m: largestFact(known, 'usage_cache_write_5m'),
    cacheWrite1h: largestFact(known, 'usage_cache_write_1h'),
    reasoning: largestFact(known, 'usage_reasoning'),
    basis: BASES.find((basis) => basis === stated) ?? 'exact',
  };
}

/** A recorded duration or request time beats the line times; the end is the last line of the response. */
function timesOf(known: OperationFacts): { start: Moment; end: Moment | undefined } {
  const request = earliest(known, ['llm_request']);
  const firstLine = earliest(known, ['llm_response']);
  const lastLine = latest(known, ['llm_response']);
  if (lastLine === undefined || firstLine === undefined) return { start: request!, end: undefined };
  const duration = largestFact(known, 'duration_us');
  if (duration !== undefined) {
    if (request !== undefined)
      return { start: request, end: { atMicros: request.atMicros + duration, basis: 'recorded' } };
    return {
      start: { atMicros: lastLine.atMicros - duration, basis: 'recorded' },
      end: { atMicros: lastLine.atMicros, basis: 'recorded' },
    };
  }
  const requested = integerFact(known.merged, 'requested_at_us');
  if (request === undefined && requested !== undefined && requested <= firstLine.atMicros) {
    return { start: { atMicros: requested, basis: 'inferred' }, end: lastLine };
  }
  return { start: request ?? firstLine, end: lastLine };
}

function errorOf(known: OperationFacts): OperationError | undefined {
  const type = textFact(known.merged, 'error_type');
  return type === undefined
    ? undefined
    : { type, message: textFact(known.merged, 'error_message') };
}

function costOf(known: OperationFacts): LlmCallOperation['cost'] {
  const usd = Number(textFact(known.merged, 'cost_usd') ?? Number.NaN);
  return Number.isFinite(usd) ? { usd, basis: 'recorded' } : undefined;
}

/** A class because getters in an object of its own per call take 3 µs each time. */
class RecordedMessages implements MessageRefs {
  readonly #known: OperationFacts;

  constructor(known: OperationFacts) {
    this.#known = known;
  }

  get inputs() {
    return refsOf(this.#known, 'inputs');
  }

  get outputs() {
    return refsOf(this.#known, 'outputs');
  }
}

/** References in block order; every line of a response adds its own. */
function refsOf(known: OperationFacts, name: 'inputs' | 'outputs') {
  const session = known.events[0]!.session;
  const lines = [...known.events].sort(
    (a, b) => (integerFact(a.facts, 'block') ?? 0) - (integerFact(b.facts, 'block') ?? 0),
  );
  const entries = new Set<string>();
  for (const line of lines)
    for (const entry of listFact(line.facts, name) ?? []) entries.add(entry);
  return messageRefs(session, [...entries], name === 'inputs' ? 'input' : 'output');
}

export function foldLlmCall(known: OperationFacts): LlmCallOperation {
  const facts = known.merged;
  const stopReason = textFact(facts, 'stop_reason');
  return {
    kind: 'llm_call',
    ...operationBase(
      known,
      timesOf({ ...known, events: withoutSideCopies(known.events) }),
      contentsOf(known, ADDING),
    ),
    responseId: textFact(facts, 'response_id'),
    requestId: textFact(facts, 'request_id'),
    requestModel: textFact(facts, 'request_model'),
    responseModel: textFact(facts, 'response_model'),
    provider: textFact(facts, 'provider'),
    serverAddress: textFact(facts, 'server_address'),
    serverPort: integerFact(facts, 'server_port'),
    finishReasons: stopReason === undefined ? undefined : [stopReason],
    usage: usageOf(known),
    cost: costOf(known),
    stream: flagFact(facts, 'stream'),
    timeToFirstChunkMicros: integerFact(facts, 'ttfc_us'),
    maxTokens: integerFact(facts, 'max_tokens'),
    temperature: textFact(facts, 'temperature'),
    topP: textFact(facts, 'top_p'),
    reasoningLevel: textFact(facts, 'reasoning_level'),
    serviceTier: textFact(facts, 'service_tier'),
    fast: textFact(facts, 'speed') === 'fast' ? true : undefined,
    httpStatus: integerFact(facts, 'http_status'),
    retryCount: largestFact(known, 'retry_count'),
    retryReason: textFact(facts, 'retry_reason'),
    promptName: textFact(facts, 'prompt_name'),
    promptVersion: textFact(facts, 'prompt_version'),
    promptHash: textFact(facts, 'prompt_hash'),
    error: errorOf(known),
    aborted: flagFact(facts, 'aborted'),
    compacted: flagFact(facts, 'compacted'),
    messageRefs: new RecordedMessages(known),
  };
}
