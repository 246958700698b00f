import type { LlmCallOperation } from '../../session/operation.ts';
import type { AttributeRow, MappingContext } from '../attribute-table.ts';
import { decimal } from '../decimal.ts';
import { providerOf } from '../model-provider.ts';
import { chatMessagesJson } from './chat-messages.ts';
import { MARK_METADATA_ROWS } from './mark-metadata.ts';
import { metaRow, TRACE_ROWS, typeRow } from './trace-rows.ts';
import { costDetails, usageDetails } from './usage.ts';

/** Model parameters as JSON text; undefined if none was recorded. */
function modelParameters(call: LlmCallOperation): string | undefined {
  const parameters = {
    max_tokens: call.maxTokens,
    temperature: decimal(call.temperature),
    top_p: decimal(call.topP),
    reasoning_level: call.reasoningLevel,
    service_tier: call.serviceTier,
  };
  const text = JSON.stringify(parameters);
  return text === '{}' ? undefined : text;
}

function firstTokenTime(
  { startMicros, timeToFirstChunkMicros: micros }: LlmCallOperation,
  { options }: MappingContext,
): string | undefined {
  if (micros === undefined) return undefined;
  const millis = Math.floor((startMicros + micros + (options.shiftMicros ?? 0)) / 1000);
  return Math.abs(millis) <= 8.64e15 ? new Date(millis).toISOString() : undefined;
}

/** Observations of type generation: LLM calls. */
export const GENERATION_ROWS: readonly AttributeRow<LlmCallOperation>[] = [
  typeRow('generation'),
  ...TRACE_ROWS,
  {
    key: 'langfuse.observation.model.name',
    type: 'string',
    doc: 'Model that answered, else the requested one.',
    from: ({ responseModel, requestModel }) => responseModel ?? requestModel,
  },
  {
    key: 'langfuse.observation.model.parameters',
    type: 'json',
    doc: 'Parameters of the request, if recorded.',
    from: modelParameters,
  },
  {
    key: 'langfuse.observation.completion_start_time',
    type: 'string',
    doc: 'Time of the first chunk, ISO 8601 in UTC.',
    from: firstTokenTime,
  },
  {
    key: 'langfuse.observation.usage_details',
    type: 'json',
    doc: 'Tokens by disjoint kinds (`input` without cached ones, `input_cached_tokens`, `input_cache_creation`, `output` without reasoning, `output_reasoning_tokens`) and their `total`.',
    from: ({ usage }) => usageDetails(usage),
  },
  {
    key: 'langfuse.observation.cost_details',
    type: 'json',
    doc: 'Cost in US dollars under `total`; if unknown, absent, and Langfuse prices the usage itself.',
    from: ({ cost }) => costDetails(cost),
  },
  {
    key: 'langfuse.observation.input',
    type: 'json',
    doc: 'What is new since the previous call, as chat messages; not under `--content none`.',
    from: ({ inputMessages }, { options }) =>
      options.content === 'none' ? undefined : chatMessagesJson(inputMessages),
  },
  {
    key: 'langfuse.observation.output',
    type: 'json',
    doc: 'The output of the model, as chat messages; not under `--content none`.',
    from: ({ outputMessages }, { options }) =>
      options.content === 'none' ? undefined : chatMessagesJson(outputMessages),
  },
  {
    key: 'langfuse.observation.prompt.name',
    type: 'string',
    doc: 'Name of the prompt template.',
    from: ({ promptName }) => promptName,
  },
  {
    key: 'langfuse.observation.prompt.version',
    type: 'int',
    doc: 'Its version, if it is a whole number; others are metadata.',
    from: ({ promptName, promptVersion }) =>
      promptName === undefined ? undefined : wholeNumber(promptVersion),
  },
  metaRow(
    'prompt_version',
    'string',
    'Version of the prompt template.',
    ({ promptVersion }) => promptVersion,
  ),
  metaRow(
    'prompt_hash',
    'string',
    'Hash of the prompt template, as recorded.',
    ({ promptHash }) => promptHash,
  ),
  {
    key: 'langfuse.observation.level',
    type: 'string',
    doc: '`ERROR` when the call failed, `WARNING` when it was stopped; absent otherwise.',
    from: ({ error, aborted }) => {
      if (error !== undefined) return 'ERROR';
      return aborted ? 'WARNING' : undefined;
    },
  },
  {
    key: 'langfuse.observation.status_message',
    type: 'string',
    doc: 'What the error said, else its code.',
    from: ({ error, aborted }) =>
      error?.message ?? error?.type ?? (aborted ? 'interrupted' : undefined),
  },
  {
    key: 'error.type',
    type: 'string',
    doc: 'Exactly when the status is ERROR.',
    from: ({ error }) => error?.type,
  },
  metaRow('provider', 'string', 'Provider.', (call) => providerOf(call).name),
  metaRow(
    'finish_reasons',
    'string[]',
    'Why the model stopped.',
    ({ finishReasons }) => finishReasons,
  ),
  metaRow('response_id', 'string', 'Id of the response.', ({ responseId }) => responseId),
  metaRow('cost_basis', 'string', '`recorded` or `estimated`.', ({ cost }) => cost?.basis),
  metaRow(
    'compacted',
    'boolean',
    'True on the first call after a compaction, or on the call that wrote the summary, if that one is recorded.',
    ({ compacted }) => compacted || undefined,
  ),
  metaRow('http_status', 'int', 'HTTP status, if recorded.', ({ httpStatus }) => httpStatus),
  metaRow(
    'retry_count',
    'int',
    'How often the call was tried again.',
    ({ retryCount }) => retryCount,
  ),
  ...MARK_METADATA_ROWS,
];

function wholeNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}
