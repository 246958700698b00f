import type { Operation, ToolCallOperation } from '../session/operation.ts';
import type { SessionHead, SessionTotals } from '../session/session.ts';
import {
  type AttributeRow,
  attributesOf,
  type MappingContext,
  type Section,
} from './attribute-table.ts';
import { toolErrorType } from './call-rows.ts';
import { GENERATION_ROWS } from './langfuse/generation-rows.ts';
import {
  COMPACTION_ROWS,
  DECISION_ROWS,
  DENIED_ROWS,
  NOTICE_ROWS,
  RETRIEVAL_ROWS,
  SUBAGENT_ROWS,
  TOOL_ROWS,
  TURN_ROWS,
} from './langfuse/observation-rows.ts';
import { LANGFUSE_ROOT_ROWS } from './langfuse/root-rows.ts';
import { metadataKey } from './langfuse/trace-rows.ts';
import { type Mapper, type MapperOptions, SPAN_KIND, type SpanDraft } from './mapper.ts';
import { ambientLinks, rootError } from './session-rows.ts';

/** Everything this vocabulary writes; `docs/mappers/langfuse.md` is generated from it. */
export const LANGFUSE_SECTIONS: readonly Section[] = [
  {
    title: 'Root span `<agent> session`: agent',
    intro: 'The session, with the first prompt as input and the last response as output.',
    rows: LANGFUSE_ROOT_ROWS,
  },
  {
    title: 'Span `turn <n>`: chain',
    intro: 'From a prompt to the end of the work it caused.',
    rows: TURN_ROWS,
  },
  { title: 'Span `chat <model>`: generation', intro: 'An LLM call.', rows: GENERATION_ROWS },
  { title: 'Span `<tool>`: tool', intro: 'A tool call that ran.', rows: TOOL_ROWS },
  {
    title: 'Span `<tool> (denied)`: event',
    intro: 'A tool call that was denied and did not run.',
    rows: DENIED_ROWS,
  },
  {
    title: 'Span `<subagent>`: agent',
    intro: 'A subagent, under the tool call that started it.',
    rows: SUBAGENT_ROWS,
  },
  { title: 'Span `retrieval <source>`: retriever', intro: 'A retrieval.', rows: RETRIEVAL_ROWS },
  {
    title: 'Span `compaction`: event',
    intro: 'The conversation was compacted.',
    rows: COMPACTION_ROWS,
  },
  {
    title: 'Span `decision`: event',
    intro: 'A decision that the agent recorded.',
    rows: DECISION_ROWS,
  },
  {
    title: 'Span `<notice>`: event',
    intro:
      'Something recorded that is not a call. Its own facts are metadata under their own names.',
    rows: NOTICE_ROWS,
  },
];

interface Shape<T extends Operation> {
  readonly name: string;
  readonly rows: readonly AttributeRow<T>[];
  readonly failed?: boolean;
  readonly message?: string | undefined;
}

function span<T extends Operation>(op: T, shape: Shape<T>, context: MappingContext): SpanDraft {
  const { name, rows, failed, message } = shape;
  const attributes = attributesOf(rows, op, context);
  const kind = op.kind === 'llm_call' ? SPAN_KIND.CLIENT : SPAN_KIND.INTERNAL;
  return { type: 'span', name, kind, attributes, ...(failed && { error: { message } }) };
}

function tool(call: ToolCallOperation, context: MappingContext): SpanDraft {
  const denied = call.outcome === 'denied';
  const shape = {
    name: denied ? `${call.name} (denied)` : call.name,
    rows: denied ? DENIED_ROWS : TOOL_ROWS,
    failed: toolErrorType(call, context.options) !== undefined,
    message: call.error?.message,
  };
  const draft = span(call, shape, context);
  return call.traceparent === undefined
    ? draft
    : { ...draft, links: [{ traceparent: call.traceparent }] };
}

function operation(op: Operation, head: SessionHead, options: MapperOptions): SpanDraft | null {
  const context = { head, options };
  switch (op.kind) {
    case 'llm_call': {
      const model = op.responseModel ?? op.requestModel;
      const name = model === undefined ? 'chat' : `chat ${model}`;
      const message = op.error?.message;
      return span(
        op,
        { name, rows: GENERATION_ROWS, failed: op.error !== undefined, message },
        context,
      );
    }
    case 'tool_call':
      return tool(op, context);
    case 'turn':
      return span(
        op,
        { name: `turn ${op.index}`, rows: TURN_ROWS, failed: op.outcome === 'error' },
        context,
      );
    case 'subagent': {
      const name = op.agentType ?? op.laneName ?? op.agentId;
      return span(op, { name, rows: SUBAGENT_ROWS, failed: op.outcome === 'error' }, context);
    }
    case 'retrieval': {
      const name = op.dataSource === undefined ? 'retrieval' : `retrieval ${op.dataSource}`;
      const message = op.error?.message;
      return span(
        op,
        { name, rows: RETRIEVAL_ROWS, failed: op.error !== undefined, message },
        context,
      );
    }
    case 'compaction':
      return span(op, { name: 'compaction', rows: COMPACTION_ROWS }, context);
    case 'decision':
      return span(op, { name: 'decision', rows: DECISION_ROWS }, context);
    case 'notice': {
      const draft = span(op, { name: op.name, rows: NOTICE_ROWS }, context);
      for (const [key, value] of Object.entries(op.facts))
        draft.attributes[metadataKey(key)] ??= value;
      return draft;
    }
    case 'prompt':
    case 'response':
    case 'permission':
      return null;
  }
}

/** Langfuse's own attributes, so that a session looks as if Langfuse itself had recorded it. */
export const langfuse: Mapper = {
  name: 'langfuse',
  summary: 'Langfuse: generations, tools and agents with usage, cost, input and output',
  contentDefault: 'redacted',
  spanKinds: new Set([
    'turn',
    'llm_call',
    'tool_call',
    'subagent',
    'retrieval',
    'compaction',
    'decision',
    'notice',
  ]),
  operation,
  root(head: SessionHead, totals: SessionTotals, options: MapperOptions): SpanDraft {
    const attributes = attributesOf(LANGFUSE_ROOT_ROWS, { head, totals }, { head, options });
    return {
      type: 'span',
      name: `${head.agentName} session`,
      kind: SPAN_KIND.INTERNAL,
      attributes,
      ...rootError(totals),
      ...ambientLinks(head),
    };
  },
};
