import type { NoticeOperation, Operation, SubagentOperation } from '../session/operation.ts';
import type { SessionHead, SessionTotals } from '../session/session.ts';
import {
  type AttributeRow,
  attributesOf,
  type MappingContext,
  type Section,
} from './attribute-table.ts';
import { toolErrorType } from './call-rows.ts';
import {
  type Mapper,
  type MapperOptions,
  type RootEvent,
  SPAN_KIND,
  type SpanDraft,
} from './mapper.ts';
import { MARK_ROWS } from './mark-rows.ts';
import {
  COMPACTION_ROWS,
  DECISION_ROWS,
  LLM_ROWS,
  PERMISSION_ROWS,
  PROMPT_ROWS,
  RESPONSE_ROWS,
} from './otlp/event-rows.ts';
import { RETRIEVAL_ROWS, TOOL_ROWS } from './otlp/tool-rows.ts';
import {
  AGENT_ERROR,
  ambientLinks,
  rootError,
  SESSION_ROWS,
  type SessionFacts,
  SUBAGENT_DETAIL_ROWS,
} from './session-rows.ts';

const ROOT_ROWS: readonly AttributeRow<SessionFacts>[] = [
  {
    key: 'agent.name',
    type: 'string',
    doc: 'Name of the agent.',
    from: ({ head }) => head.agentName,
  },
  {
    key: 'agent.id',
    type: 'string',
    doc: 'Permanent product id of the agent.',
    from: ({ head }) => head.agentId,
  },
  {
    key: 'agent.outcome',
    type: 'string',
    doc: 'How the last turn ended: `success`, `error`, `interrupted`, `killed`, `unfinished`; not whether the task worked.',
    from: ({ totals }) => totals.outcome,
  },
  {
    key: 'run_id',
    type: 'string',
    doc: 'Run id given by the user, else the session id.',
    from: ({ head }) => head.runId,
  },
  {
    key: 'session.id',
    type: 'string',
    doc: 'Native id of the session.',
    from: ({ head }) => head.sessionId,
  },
  {
    key: 'user.id',
    type: 'string',
    doc: 'User of the session, if recorded.',
    from: ({ head }) => head.userId,
  },
  {
    key: 'llm.model',
    type: 'string',
    doc: 'The model, if one served the whole session.',
    from: ({ totals }) => (totals.models.length === 1 ? totals.models[0] : undefined),
  },
  {
    key: 'llm.tokens_in',
    type: 'int',
    doc: 'Input tokens of the whole session; no span of this vocabulary repeats them.',
    from: ({ totals }) => totals.usage?.input,
  },
  {
    key: 'llm.tokens_out',
    type: 'int',
    doc: 'Output tokens of the whole session.',
    from: ({ totals }) => totals.usage?.output,
  },
  {
    key: 'error.type',
    type: 'string',
    doc: '`agent_error` exactly when the outcome is `error`.',
    from: ({ totals }) => (totals.outcome === 'error' ? AGENT_ERROR : undefined),
  },
  ...SESSION_ROWS,
];

const SUBAGENT_ROWS: readonly AttributeRow<SubagentOperation>[] = [
  {
    key: 'agent.name',
    type: 'string',
    doc: 'Type of the subagent.',
    from: ({ agentType }) => agentType,
  },
  {
    key: 'agent.id',
    type: 'string',
    doc: 'Native id of the subagent.',
    from: ({ agentId }) => agentId,
  },
  {
    key: 'agent.outcome',
    type: 'string',
    doc: '`completed`, `error`, `interrupted` or `unknown`.',
    from: ({ outcome }) => outcome,
  },
  {
    key: 'llm.model',
    type: 'string',
    doc: 'Model the subagent was given.',
    from: ({ model }) => model,
  },
  ...SUBAGENT_DETAIL_ROWS,
  {
    key: 'error.type',
    type: 'string',
    doc: '`agent_error` exactly when the outcome is `error`.',
    from: ({ outcome }) => (outcome === 'error' ? AGENT_ERROR : undefined),
  },
  ...MARK_ROWS,
];

const NOTICE_ROWS: readonly AttributeRow<NoticeOperation>[] = [
  {
    key: 'notice.level',
    type: 'string',
    doc: '`info`, `warning` or `error`.',
    from: ({ level }) => level,
  },
  ...MARK_ROWS,
];

/** Everything this vocabulary writes; `docs/mappers/otlp.md` is generated from it. */
export const OTLP_SECTIONS: readonly Section[] = [
  {
    title: 'Root span `agent-session (<agent>)`, INTERNAL',
    intro: 'The session. Status ERROR when the last turn ended in an error, else unset.',
    rows: ROOT_ROWS,
  },
  {
    title: 'Span `tool/<name>`, INTERNAL',
    intro:
      'A tool call. Status ERROR with an `exception` event when it failed, else unset. A denied call did not run: it has `tool.status` = `denied`, no latency and no error.',
    rows: TOOL_ROWS,
  },
  { title: 'Span `rag/<source>`, INTERNAL', intro: 'A retrieval.', rows: RETRIEVAL_ROWS },
  {
    title: 'Span `subagent/<type>`, INTERNAL',
    intro: 'A subagent, under the tool call that started it, with its own tool calls inside.',
    rows: SUBAGENT_ROWS,
  },
  { title: 'Root event `user_prompt`', intro: 'A prompt.', rows: PROMPT_ROWS },
  { title: 'Root event `assistant_response`', intro: 'A response.', rows: RESPONSE_ROWS },
  { title: 'Root event `llm_call`', intro: 'An LLM call, at the time it began.', rows: LLM_ROWS },
  {
    title: 'Root event `permission`',
    intro: 'A permission that was asked for.',
    rows: PERMISSION_ROWS,
  },
  {
    title: 'Root event `compaction`',
    intro: 'The conversation was compacted.',
    rows: COMPACTION_ROWS,
  },
  {
    title: 'Root event `decision`',
    intro: 'A decision that the agent recorded.',
    rows: DECISION_ROWS,
  },
  {
    title: 'Root event `notice/<name>`',
    intro: 'Something recorded that is not a call. Its own facts follow under `notice.`.',
    rows: NOTICE_ROWS,
  },
];

function event<T extends Operation>(
  name: string,
  rows: readonly AttributeRow<T>[],
  operation: T,
  context: MappingContext,
): RootEvent {
  return { type: 'root_event', name, attributes: attributesOf(rows, operation, context) };
}

function span<T extends Operation>(
  name: string,
  rows: readonly AttributeRow<T>[],
  operation: T,
  context: MappingContext,
): SpanDraft {
  const attributes = attributesOf(rows, operation, context);
  return { type: 'span', name, kind: SPAN_KIND.INTERNAL, attributes };
}

function notice(operation: NoticeOperation, context: MappingContext): RootEvent {
  const draft = event(`notice/${operation.name}`, NOTICE_ROWS, operation, context);
  for (const [key, value] of Object.entries(operation.facts))
    draft.attributes[`notice.${key}`] = value;
  return draft;
}

function operation(
  op: Operation,
  head: SessionHead,
  options: MapperOptions,
): SpanDraft | RootEvent | null {
  const context = { head, options };
  switch (op.kind) {
    case 'tool_call': {
      const draft = span(`tool/${op.name}`, TOOL_ROWS, op, context);
      const links =
        op.traceparent === undefined ? {} : { links: [{ traceparent: op.traceparent }] };
      if (toolErrorType(op, options) === undefined) return { ...draft, ...links };
      return { ...draft, ...links, error: { message: op.error?.message } };
    }
    case 'retrieval': {
      const draft = span(`rag/${op.dataSource ?? 'unknown'}`, RETRIEVAL_ROWS, op, context);
      return op.error === undefined ? draft : { ...draft, error: { message: op.error.message } };
    }
    case 'subagent': {
      const draft = span(`subagent/${op.agentType ?? 'unknown'}`, SUBAGENT_ROWS, op, context);
      return op.outcome === 'error' ? { ...draft, error: {} } : draft;
    }
    case 'prompt':
      // What an agent tells its subagent is not a user prompt; it is in the subagent's call.
      if (op.lane !== '') return null;
      return event('user_prompt', PROMPT_ROWS, op, context);
    case 'response':
      return event('assistant_response', RESPONSE_ROWS, op, context);
    case 'llm_call':
      return event('llm_call', LLM_ROWS, op, context);
    case 'permission':
      return event('permission', PERMISSION_ROWS, op, context);
    case 'compaction':
      return event('compaction', COMPACTION_ROWS, op, context);
    case 'decision':
      return event('decision', DECISION_ROWS, op, context);
    case 'notice':
      return notice(op, context);
    case 'turn':
      return null;
  }
}

/** The plain vocabulary: one span per tool call, everything else as events on the root. */
export const otlp: Mapper = {
  name: 'otlp',
  summary:
    'tool calls as spans with a searchable schema, prompts, responses and LLM calls as events of the root',
  contentDefault: 'redacted',
  spanKinds: new Set(['tool_call', 'retrieval', 'subagent']),
  readsMessages: false,
  operation,
  part: (head) => ({
    'agent.name': head.agentName,
    run_id: head.runId,
    'session.id': head.sessionId,
  }),
  root(head: SessionHead, totals: SessionTotals, options: MapperOptions): SpanDraft {
    const attributes = attributesOf(ROOT_ROWS, { head, totals }, { head, options });
    return {
      type: 'span',
      name: `agent-session (${head.agentName})`,
      kind: SPAN_KIND.INTERNAL,
      attributes,
      ...rootError(totals),
      ...ambientLinks(head),
    };
  },
};
