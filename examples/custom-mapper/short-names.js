// A vocabulary of one's own: agent-strace export --mapper ./short-names.js
//
// A mapper only names things. It is given operations whose texts have been redacted already, and says what
// each becomes: a span, an event on the root span, or nothing. Ids, times, parents and sending are not its
// business, and it must be pure: the same operation gives the same answer.

const INTERNAL = 0;

/** @type {import('agent-strace/mapper').Mapper} */
export default {
  name: 'short-names',
  summary: 'one span per tool call and subagent, model calls as events',
  contentDefault: 'none',
  // What becomes a span. Children of anything else are placed under their nearest ancestor in this list.
  spanKinds: new Set(['tool_call', 'subagent']),

  operation(operation) {
    switch (operation.kind) {
      case 'tool_call': {
        const failed = operation.error !== undefined;
        return {
          type: 'span',
          name: operation.name,
          kind: INTERNAL,
          // Only on error; success leaves the status unset.
          ...(failed && { error: { message: operation.error.message } }),
          attributes: {
            tool: operation.name,
            outcome: operation.outcome,
            // What was not recorded is left out: undefined values are removed.
            exit_code: operation.exitCode,
            'error.type': operation.error?.type,
          },
        };
      }
      case 'subagent':
        return {
          type: 'span',
          name: operation.agentType ?? 'subagent',
          kind: INTERNAL,
          attributes: { agent: operation.agentId },
        };
      case 'llm_call':
        return {
          type: 'root_event',
          name: 'model',
          attributes: {
            model: operation.responseModel,
            tokens_in: operation.usage?.input,
            tokens_out: operation.usage?.output,
          },
        };
      default:
        return null;
    }
  },

  root(head, totals) {
    return {
      type: 'span',
      name: head.agentName,
      kind: INTERNAL,
      attributes: { session: head.sessionId, outcome: totals.outcome, tools: totals.toolCalls },
    };
  },
};
