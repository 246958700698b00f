import { subagentKey } from '../../session/identifiers.ts';
import { type JsonObject, listOf, objectOf, textOf } from '../json-values.ts';
import type { Fact } from './fact.ts';
import { idOf } from './json-value.ts';
import { type Line, microsOf, SYNTHETIC, typeOf } from './line.ts';
import type { Memory } from './memory.ts';
import { toolCall } from './tool-call.ts';
import { toolResult } from './tool-result.ts';
import { usageFacts } from './usage.ts';

/**
 * Facts from a subagent's message that is repeated in its session's file: tokens and calls, which have ids of their own
 * and so count once however often they are reported. Its text is in its own file, which may be missing.
 */
export function repeatedMessage(
  line: Line,
  memory: Memory,
  agentId: string,
  record: JsonObject,
): Fact[] {
  const atMicros = microsOf(record.timestamp) ?? line.atMicros;
  const type = typeOf(record);
  const inner: Line = { ...line, record, type, uuid: undefined, lane: agentId, atMicros };
  const message = objectOf(record.message) ?? {};
  const blocks = listOf(message.content).map((block) => objectOf(block) ?? {});
  const facts =
    type === 'assistant'
      ? repeatedCall(inner, memory, message, blocks)
      : blocks
          .filter(({ type }) => type === 'tool_result')
          .flatMap((block, _, { length }) => toolResult(inner, memory, block, length === 1));
  return facts.map((fact) => ({ lane: agentId, atMicros, ...fact }));
}

function repeatedCall(
  line: Line,
  memory: Memory,
  message: JsonObject,
  blocks: readonly JsonObject[],
): Fact[] {
  const id = idOf(message.id);
  if (id === undefined || message.model === SYNTHETIC) return [];
  const stopReason = textOf(message.stop_reason);
  const key = `llm:${id}`;
  const call: Fact = {
    kind: 'llm_response',
    eventId: `progress/${line.place()}`,
    key,
    parent: subagentKey(line.lane),
    facts: {
      ...usageFacts(objectOf(message.usage), 'perhaps', stopReason),
      request_id: idOf(line.record.requestId),
      response_id: id,
      response_model: textOf(message.model),
      stop_reason: stopReason,
    },
    ownKey: `claude:msg:${id}/${textOf(line.record.requestId) ?? ''}`,
  };
  const asked = blocks.filter(({ type }) => type === 'tool_use');
  return [call, ...asked.flatMap((block) => toolCall(line, memory, block, key) ?? [])];
}
