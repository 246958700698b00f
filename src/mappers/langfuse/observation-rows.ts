import type {
  CompactionOperation,
  DecisionOperation,
  NoticeOperation,
  Operation,
  RetrievalOperation,
  SubagentOperation,
  ToolCallOperation,
  TurnOperation,
} from '../../session/operation.ts';
import type { AttributeRow } from '../attribute-table.ts';
import { toolErrorType } from '../call-rows.ts';
import { contentOf, shownText } from '../content-text.ts';
import { AGENT_ERROR } from '../session-rows.ts';
import { MARK_METADATA_ROWS } from './mark-metadata.ts';
import { metadataKey, metaRow, type ObservationType, TRACE_ROWS, typeRow } from './trace-rows.ts';

type Row<T> = AttributeRow<T>;

/** Input and output of an observation, with sizes and commitments in place of texts that are not sent. */
function contentRows<T extends Operation>(): Row<T>[] {
  const input = (operation: T) => contentOf(operation, 'input', 'text');
  const output = (operation: T) => contentOf(operation, 'output', 'error', 'summary');
  const rows = (name: 'input' | 'output', pick: typeof input): Row<T>[] => [
    {
      key: `langfuse.observation.${name}`,
      type: 'string',
      doc: `The ${name} as recorded, mostly JSON; not under \`--content none\`.`,
      from: (operation, context) => shownText(pick(operation), context),
    },
    {
      key: metadataKey(`${name}_size`),
      type: 'int',
      doc: `UTF-8 bytes of the recorded ${name}.`,
      from: (operation) => pick(operation)?.size,
    },
    {
      key: metadataKey(`${name}_commitment`),
      type: 'string',
      doc: `Salted commitment to the ${name}, only if the text is not sent.`,
      from: (operation, context) => {
        const content = pick(operation);
        return shownText(content, context) === undefined ? content?.commitment : undefined;
      },
    },
  ];
  return [...rows('input', input), ...rows('output', output)];
}

/** Rows of one observation: its type, its trace, its own rows, then the marks. */
function observation<T extends Operation>(
  type: ObservationType,
  rows: readonly Row<T>[],
): Row<T>[] {
  return [typeRow<T>(type), ...TRACE_ROWS, ...rows, ...MARK_METADATA_ROWS];
}

/** Level and status message, each computed by one function. */
function levelRows<T>(level: Row<T>['from'], message: Row<T>['from'], doc: string): Row<T>[] {
  return [
    { key: 'langfuse.observation.level', type: 'string', doc, from: level },
    {
      key: 'langfuse.observation.status_message',
      type: 'string',
      doc: 'Why the level is not the default.',
      from: message,
    },
  ];
}

const errorTypeRow = <T>(from: Row<T>['from']): Row<T> => ({
  key: 'error.type',
  type: 'string',
  doc: 'Exactly when the status is ERROR.',
  from,
});

/** Level, status message and error type of what has an outcome of its own. */
function outcomeRows<T extends TurnOperation | SubagentOperation>(doc: string): Row<T>[] {
  return [
    ...levelRows<T>(
      ({ outcome }) => {
        if (outcome === 'error') return 'ERROR';
        return outcome === 'interrupted' ? 'WARNING' : undefined;
      },
      ({ outcome }) => (outcome === 'error' || outcome === 'interrupted' ? outcome : undefined),
      doc,
    ),
    errorTypeRow(({ outcome }) => (outcome === 'error' ? AGENT_ERROR : undefined)),
  ];
}

function toolWarning(call: ToolCallOperation, silent: boolean): string | undefined {
  if (call.outcome === 'denied') return 'denied, did not run';
  if (call.outcome === 'interrupted') return 'interrupted';
  return silent && call.silentFailure
    ? 'reported success, but its text shows a failure'
    : undefined;
}

const TOOL_OWN_ROWS: readonly Row<ToolCallOperation>[] = [
  ...contentRows<ToolCallOperation>(),
  ...levelRows<ToolCallOperation>(
    (call, { options }) => {
      if (toolErrorType(call, options) !== undefined) return 'ERROR';
      return toolWarning(call, options.silentFailures !== 'off') && 'WARNING';
    },
    (call, { options }) =>
      call.error?.message ??
      call.error?.type ??
      toolWarning(call, options.silentFailures !== 'off'),
    '`ERROR` when the call failed; `WARNING` when it was denied, interrupted or failed silently.',
  ),
  errorTypeRow((call, { options }) => toolErrorType(call, options)),
  metaRow('tool_name', 'string', 'Name of the tool.', ({ name }) => name),
  metaRow('tool_outcome', 'string', 'How the call ended.', ({ outcome }) => outcome),
  metaRow('tool_call_id', 'string', 'Id of the call, as in the messages.', ({ callId }) => callId),
  metaRow('mcp_server', 'string', 'MCP server of the tool.', ({ mcpServer }) => mcpServer),
  metaRow('exit_code', 'int', 'Exit code of a command.', ({ exitCode }) => exitCode),
  metaRow(
    'decision',
    'string',
    'What was decided about the call.',
    ({ decision }) => decision?.decision,
  ),
  metaRow('decision_source', 'string', 'Who decided.', ({ decision }) => decision?.source),
  metaRow('retry_count', 'int', 'How often it was tried again.', ({ retryCount }) => retryCount),
];

/** Observations of type tool: tool calls that ran. */
export const TOOL_ROWS = observation<ToolCallOperation>('tool', TOOL_OWN_ROWS);

/** Observations of type event: denied tool calls, which must not count as calls. */
export const DENIED_ROWS = observation<ToolCallOperation>('event', TOOL_OWN_ROWS);

/** Observations of type chain: turns. */
export const TURN_ROWS = observation<TurnOperation>('chain', [
  ...contentRows<TurnOperation>(),
  ...outcomeRows<TurnOperation>('`ERROR` or, when it was stopped, `WARNING`.'),
  metaRow('turn_index', 'int', '1 for the first turn of its agent.', ({ index }) => index),
]);

/** Observations of type agent: subagents. */
export const SUBAGENT_ROWS = observation<SubagentOperation>('agent', [
  ...contentRows<SubagentOperation>(),
  ...outcomeRows<SubagentOperation>('`ERROR` or, when it was stopped, `WARNING`.'),
  metaRow('subagent_id', 'string', 'Native id of the subagent.', ({ agentId }) => agentId),
  metaRow('subagent_type', 'string', 'Its type.', ({ agentType }) => agentType),
  metaRow(
    'background',
    'boolean',
    'True when it ran in the background.',
    ({ background }) => background || undefined,
  ),
]);

/** Observations of type retriever. */
export const RETRIEVAL_ROWS = observation<RetrievalOperation>('retriever', [
  ...contentRows<RetrievalOperation>(),
  ...levelRows<RetrievalOperation>(
    ({ error }) => error && 'ERROR',
    ({ error }) => error?.message ?? error?.type,
    '`ERROR` when it failed.',
  ),
  errorTypeRow(({ error }) => error?.type),
  metaRow('data_source', 'string', 'Source that was searched.', ({ dataSource }) => dataSource),
  metaRow('top_k', 'int', 'Number of documents requested.', ({ topK }) => topK),
  metaRow(
    'document_count',
    'int',
    'Number of documents returned.',
    ({ documentCount }) => documentCount,
  ),
]);

/** Observations of type event: compactions. */
export const COMPACTION_ROWS = observation<CompactionOperation>('event', [
  ...contentRows<CompactionOperation>(),
  metaRow('trigger', 'string', 'What caused it.', ({ trigger }) => trigger),
  metaRow('tokens_before', 'int', 'Tokens before.', ({ tokensBefore }) => tokensBefore),
  metaRow('tokens_after', 'int', 'Tokens after.', ({ tokensAfter }) => tokensAfter),
]);

/** Observations of type event: decisions that the agent recorded. */
export const DECISION_ROWS = observation<DecisionOperation>('event', [
  ...contentRows<DecisionOperation>(),
  metaRow(
    'choice',
    'string',
    'What was chosen; not under `--content none`.',
    ({ choice }, { options }) => (options.content === 'none' ? undefined : choice),
  ),
]);

/** Observations of type event: things recorded that are not calls. */
export const NOTICE_ROWS = observation<NoticeOperation>('event', [
  ...levelRows<NoticeOperation>(
    ({ level }) => (level === 'info' ? undefined : level.toUpperCase()),
    ({ name, level }) => (level === 'info' ? undefined : name),
    '`WARNING` or `ERROR`, as recorded.',
  ),
]);
