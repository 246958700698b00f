import type { Operation } from '../../session/operation.ts';
import type { AttributeRow } from '../attribute-table.ts';
import { GENAI } from '../semconv/genai.ts';

/** `gen_ai.operation.name` of one kind of span. */
export function operationNameRow<Source>(value: string): AttributeRow<Source> {
  return {
    key: GENAI.operationName,
    type: 'string',
    doc: `Always \`${value}\`.`,
    from: () => value,
  };
}

/** On every span: several backends group by nothing else. */
export const CONVERSATION_ROW: AttributeRow<unknown> = {
  key: GENAI.conversationId,
  type: 'string',
  doc: 'Native id of the session, unchanged.',
  from: (_, { head }) => head.sessionId,
};

/** Who acted: the subagent of the lane if its name is known, else the session's agent. */
export const ACTING_AGENT_ROW: AttributeRow<Operation> = {
  key: GENAI.agentName,
  type: 'string',
  doc: 'Agent that acted: the subagent if its type is known, else the agent of the session.',
  from: ({ laneName }, { head }) => laneName ?? head.agentName,
};
