import type { LlmCallOperation } from '../../session/operation.ts';
import type { AttributeRow, MappingContext } from '../attribute-table.ts';
import { COST_ROWS } from '../call-rows.ts';
import { contentOf, withheldRows } from '../content-text.ts';
import { decimal } from '../decimal.ts';
import { MARK_ROWS } from '../mark-rows.ts';
import { providerOf } from '../model-provider.ts';
import { GENAI, GENAI_OLD, GENAI_OPERATION, oldSystemName } from '../semconv/genai.ts';
import { ACTING_AGENT_ROW, CONVERSATION_ROW, operationNameRow } from './base-rows.ts';
import { messagesJson, systemInstructionsJson } from './messages.ts';
import { USAGE_ROWS } from './usage-rows.ts';

type Row = AttributeRow<LlmCallOperation>;

/** The requested model; if it was not recorded, the model of the response. */
export function requestModelOf(call: LlmCallOperation): string | undefined {
  return call.requestModel ?? call.responseModel;
}

function shown<T>({ options }: MappingContext, value: () => T): T | undefined {
  return options.content === 'none' ? undefined : value();
}

function finishReasonsOf(call: LlmCallOperation): readonly string[] | undefined {
  const endedWithoutAnswer = call.error !== undefined || call.aborted === true;
  return call.finishReasons ?? (endedWithoutAnswer ? ['error'] : undefined);
}

/**
 * Langfuse takes any `gen_ai.prompt*` attribute for the whole input and drops the messages; the former conventions
 * had none.
 */
const PROMPT_ROWS: readonly Row[] = [
  {
    key: GENAI.promptName,
    type: 'string',
    doc: 'Name of the prompt template; not under `--semconv legacy`.',
    from: ({ promptName }, { options }) => (options.semconv === 'legacy' ? undefined : promptName),
  },
  {
    key: GENAI.promptVersion,
    type: 'string',
    doc: 'Its version; not under `--semconv legacy`.',
    from: ({ promptVersion }, { options }) =>
      options.semconv === 'legacy' ? undefined : promptVersion,
  },
  {
    key: 'agent_strace.prompt.name',
    type: 'string',
    doc: 'Name of the prompt template; only under `--semconv legacy`.',
    from: ({ promptName }, { options }) => (options.semconv === 'legacy' ? promptName : undefined),
  },
  {
    key: 'agent_strace.prompt.version',
    type: 'string',
    doc: 'Its version; only under `--semconv legacy`.',
    from: ({ promptVersion }, { options }) =>
      options.semconv === 'legacy' ? promptVersion : undefined,
  },
  {
    key: 'agent_strace.prompt.hash',
    type: 'string',
    doc: 'Its hash, as recorded.',
    from: ({ promptHash }) => promptHash,
  },
];

const REQUEST_ROWS: readonly Row[] = [
  {
    key: GENAI.providerName,
    type: 'string',
    doc: "As recorded, else by the host, else guessed from the model's family (marked), else `unknown`.",
    from: (call, { options }) => (options.semconv === 'legacy' ? undefined : providerOf(call).name),
  },
  {
    key: GENAI_OLD.system,
    type: 'string',
    doc: 'The same under its former name; only under `--semconv dual` and `legacy`.',
    from: (call, { options }) =>
      options.semconv === 'latest' ? undefined : oldSystemName(providerOf(call).name),
  },
  {
    key: 'agent_strace.provider.inferred',
    type: 'boolean',
    doc: "True when the provider was guessed from the model's name.",
    from: (call) => providerOf(call).inferred || undefined,
  },
  { key: GENAI.requestModel, type: 'string', doc: 'Requested model.', from: requestModelOf },
  {
    key: 'agent_strace.request.model.inferred',
    type: 'boolean',
    doc: 'True when the requested model was not recorded, so that the response model is repeated.',
    from: ({ requestModel, responseModel }) =>
      (requestModel === undefined && responseModel !== undefined) || undefined,
  },
  {
    key: GENAI.requestMaxTokens,
    type: 'int',
    doc: 'Requested maximum of output tokens.',
    from: ({ maxTokens }) => maxTokens,
  },
  {
    key: GENAI.requestTemperature,
    type: 'double',
    doc: 'Requested temperature.',
    from: ({ temperature }) => decimal(temperature),
  },
  {
    key: GENAI.requestTopP,
    type: 'double',
    doc: 'Requested top-p.',
    from: ({ topP }) => decimal(topP),
  },
  {
    key: GENAI.requestReasoningLevel,
    type: 'string',
    doc: 'Requested reasoning level, as sent.',
    from: ({ reasoningLevel }) => reasoningLevel,
  },
  {
    key: GENAI.requestStream,
    type: 'boolean',
    doc: 'True when the response was streamed: as recorded, or because its first chunk is known; absent otherwise.',
    // Readers take a missing key for "not streamed", and only a stream has a first chunk.
    from: ({ stream, timeToFirstChunkMicros: first }) =>
      (stream ?? first !== undefined) || undefined,
  },
  {
    key: GENAI.serverAddress,
    type: 'string',
    doc: 'Host that was called.',
    from: ({ serverAddress }) => serverAddress,
  },
  {
    key: GENAI.serverPort,
    type: 'int',
    doc: 'Its port.',
    from: ({ serverAddress, serverPort }) => (serverAddress === undefined ? undefined : serverPort),
  },
  ...PROMPT_ROWS,
  {
    key: GENAI.conversationCompacted,
    type: 'boolean',
    doc: 'True on the first call after a compaction, or on the call that wrote the summary, if that one is recorded; never false.',
    from: ({ compacted }) => compacted || undefined,
  },
];

const RESPONSE_ROWS: readonly Row[] = [
  {
    key: GENAI.responseId,
    type: 'string',
    doc: 'Id of the response.',
    from: ({ responseId }) => responseId,
  },
  {
    key: 'agent_strace.request.id',
    type: 'string',
    doc: "The provider's id of the request.",
    from: ({ requestId }) => requestId,
  },
  {
    key: GENAI.responseModel,
    type: 'string',
    doc: 'Model that answered.',
    from: ({ responseModel }) => responseModel,
  },
  {
    key: GENAI.responseFinishReasons,
    type: 'string[]',
    doc: 'Why the model stopped, as stated by the provider; `error` if the call failed or was stopped before a reason arrived.',
    from: finishReasonsOf,
  },
  {
    key: GENAI.responseTimeToFirstChunk,
    type: 'double',
    doc: 'Seconds from the request to the first chunk.',
    from: ({ timeToFirstChunkMicros: micros }) =>
      micros === undefined ? undefined : micros / 1_000_000,
  },
  {
    key: GENAI.openaiResponseServiceTier,
    type: 'string',
    doc: 'Service tier, if OpenAI served the call.',
    from: (call) => (providerOf(call).name === 'openai' ? call.serviceTier : undefined),
  },
  {
    key: 'agent_strace.service_tier',
    type: 'string',
    doc: 'Service tier, if another provider served the call.',
    from: (call) => (providerOf(call).name === 'openai' ? undefined : call.serviceTier),
  },
  {
    key: 'agent_strace.aborted',
    type: 'boolean',
    doc: 'True when the call was stopped before its end.',
    from: ({ aborted }) => aborted || undefined,
  },
  {
    key: 'http.response.status_code',
    type: 'int',
    doc: 'HTTP status, if recorded.',
    from: ({ httpStatus }) => httpStatus,
  },
  {
    key: 'agent_strace.retry.count',
    type: 'int',
    doc: 'How often the call was tried again; the span covers all attempts.',
    from: ({ retryCount }) => retryCount,
  },
  {
    key: 'agent_strace.retry.reason',
    type: 'string',
    doc: 'Why it was tried again.',
    from: ({ retryReason }) => retryReason,
  },
  {
    key: GENAI.errorType,
    type: 'string',
    doc: "Exactly when the status is ERROR: the HTTP status or the provider's code.",
    from: ({ error }) => error?.type,
  },
];

const CONTENT_ROWS: readonly Row[] = [
  {
    key: GENAI.systemInstructions,
    type: 'json',
    doc: 'System instructions; not under `--content none`.',
    from: (call, context) => shown(context, () => systemInstructionsJson(call.inputMessages)),
  },
  {
    key: GENAI.inputMessages,
    type: 'json',
    doc: 'What is new since the previous call of the lane; not under `--content none`.',
    from: (call, context) => shown(context, () => messagesJson(call.inputMessages)),
  },
  {
    key: GENAI.outputMessages,
    type: 'json',
    doc: 'The output of the model; not under `--content none`. Has a `finish_reason` only under `--semconv dual` and `legacy`.',
    from: (call, context) =>
      shown(context, () => {
        const asked = context.options.semconv !== 'latest';
        return messagesJson(call.outputMessages, asked ? (finishReasonsOf(call) ?? []) : undefined);
      }),
  },
  {
    key: 'agent_strace.messages.partial',
    type: 'boolean',
    doc: 'True if input messages are sent: they contain what is new, not the whole history.',
    from: (call, context) =>
      shown(context, () => (call.inputMessages?.length ?? 0) > 0 || undefined),
  },
  ...withheldRows<LlmCallOperation>('input', 'the recorded input', (call) =>
    contentOf(call, 'input'),
  ),
  ...withheldRows<LlmCallOperation>('output', 'the recorded output', (call) =>
    contentOf(call, 'output', 'text'),
  ),
  ...withheldRows<LlmCallOperation>('reasoning', 'the recorded reasoning', reasoningOf),
];

/** Several texts of reasoning have one size, and no commitment that holds for all of them. */
function reasoningOf({ contents }: LlmCallOperation) {
  const texts = contents.filter(({ name }) => name === 'reasoning');
  const [first] = texts;
  if (first === undefined || texts.length === 1) return first;
  return {
    text: first.text,
    size: texts.reduce((sum, { size }) => sum + size, 0),
    commitment: undefined,
  };
}

/** LLM call spans. */
export const CHAT_ROWS: readonly Row[] = [
  operationNameRow(GENAI_OPERATION.chat),
  CONVERSATION_ROW,
  ACTING_AGENT_ROW,
  ...REQUEST_ROWS,
  ...RESPONSE_ROWS,
  ...USAGE_ROWS,
  ...COST_ROWS,
  ...CONTENT_ROWS,
  ...MARK_ROWS,
];
