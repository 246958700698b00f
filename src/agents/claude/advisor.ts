import type { Fact } from './fact.ts';
import { asId, asList, asRecord, asText, type JsonRecord } from './json-value.ts';
import { type Line, lineId } from './line.ts';
import type { Memory } from './memory.ts';
import { parentKeyOf } from './turn.ts';
import { usageFacts } from './usage.ts';

const MOST_CALLS = 64;

/**
 * Calls of a second model that the API made while it answered, by `usage.iterations`: each has a model and a price of its
 * own and is in no count of the answer itself (https://platform.claude.com/docs/en/agents-and-tools/tool-use/advisor-tool).
 */
export function advisorCalls(
  line: Line,
  memory: Memory,
  usage: JsonRecord | undefined,
  llm: string,
  ownKey: string | undefined,
): Fact[] {
  const iterations = asList(usage?.iterations).map((iteration) => asRecord(iteration) ?? {});
  const advised = iterations.filter(({ type }) => type === 'advisor_message');
  return advised.slice(0, MOST_CALLS).map((iteration, index) => ({
    kind: 'llm_response',
    eventId: `${lineId(line)}/advisor:${index}`,
    key: `${llm}/advisor:${index}`,
    parent: parentKeyOf(line, memory),
    facts: {
      ...usageFacts(iteration, line.lane, undefined),
      usage_basis: 'exact',
      request_id: asId(line.record.requestId),
      response_model: asText(iteration.model) ?? asText(line.record.advisorModel),
    },
    ownKey,
  }));
}
