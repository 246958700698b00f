import { type JsonObject, listOf, objectOf, textOf } from '../json-values.ts';
import type { Fact } from './fact.ts';
import { idOf } from './json-value.ts';
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
  usage: JsonObject | undefined,
  llm: string,
  ownKey: string | undefined,
): Fact[] {
  const iterations = listOf(usage?.iterations).map((iteration) => objectOf(iteration) ?? {});
  const advised = iterations.filter(({ type }) => type === 'advisor_message');
  return advised.slice(0, MOST_CALLS).map((iteration, index) => ({
    kind: 'llm_response',
    eventId: `${lineId(line)}/advisor:${index}`,
    key: `${llm}/advisor:${index}`,
    parent: parentKeyOf(line, memory),
    facts: {
      ...usageFacts(iteration, 'never', undefined),
      usage_basis: 'exact',
      request_id: idOf(line.record.requestId),
      response_model: textOf(iteration.model) ?? textOf(line.record.advisorModel),
    },
    ownKey,
  }));
}
