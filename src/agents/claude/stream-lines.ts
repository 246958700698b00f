import { decimalText } from '../../session/decimal-text.ts';
import type { Facts } from '../../session/event.ts';
import { SESSION_KEY } from '../../session/identifiers.ts';
import { listOf, objectOf, textOf } from '../json-values.ts';
import { advisorCalls } from './advisor.ts';
import { type Fact, IGNORED, type LineResult, parsed } from './fact.ts';
import { idOf, microsOfDuration, wholeCountOf } from './json-value.ts';
import { type Line, lineId } from './line.ts';
import type { Memory } from './memory.ts';
import { costByModel } from './metadata-line.ts';
import { endTurn, parentKeyOf } from './turn.ts';
import { usageFacts } from './usage.ts';

/**
 * `system/init` of a stream: a run begins, or its next turn. It has no time, and neither have most messages after it.
 */
export function beginRun(line: Line, memory: Memory): LineResult {
  memory.atMicros ??= line.atMicros;
  memory.run = {
    beganMicros: memory.run?.beganMicros ?? line.atMicros,
    askedMicros: line.atMicros,
  };
  return IGNORED;
}

/** `result` of a stream: how a turn ended, how long it took, and the cost of the run so far. */
export function endRun(line: Line, memory: Memory): LineResult {
  const { record } = line;
  const took = microsOfDuration(record.duration_ms);
  const { beganMicros, askedMicros } = memory.run ?? {};
  const isTimed = line.timeBasis === 'line' || askedMicros === undefined;
  const told = isTimed ? 0 : (wholeCountOf(askedMicros + (took ?? 0)) ?? 0);
  const ended = Math.max(line.atMicros, told);
  memory.atMicros = ended; // later messages come after it
  const late = { ...line, atMicros: ended };
  const failed = record.is_error === true || textOf(record.subtype)?.startsWith('error') === true;
  const cost: Fact = {
    kind: 'session_info',
    eventId: `${lineId(line)}/cost`,
    key: SESSION_KEY,
    facts: {
      // Named differently before summer 2025.
      cost_usd: decimalText(record.total_cost_usd ?? record.cost_usd),
      cost_period: String(Math.floor((beganMicros ?? 0) / 1000)),
      cost_by_model: costByModel(record.modelUsage),
      api_duration_us: microsOfDuration(record.duration_api_ms),
    },
    ownKey: null,
  };
  const isStopped = textOf(record.terminal_reason)?.startsWith('aborted_') === true;
  const over = endTurn(late, memory, isStopped ? 'interrupted' : failed ? 'error' : 'completed');
  const denials = listOf(record.permission_denials).flatMap((denial) =>
    denied(line, memory, objectOf(denial)?.tool_use_id),
  );
  const facts = [...over, ...denials, ...(cost.facts?.cost_usd === undefined ? [] : [cost])];
  return parsed(facts.map((fact) => ({ ...fact, atMicros: ended })));
}

/** `system/permission_denied` of a stream: a call that was refused without asking anybody, and did not run. */
export function deniedCall(line: Line, memory: Memory): LineResult {
  const kind = textOf(line.record.decision_reason_type) ?? '';
  const source = ['classifier', 'hook'].find((one) => kind.toLowerCase().includes(one)) ?? 'rule';
  return parsed(denied(line, memory, line.record.tool_use_id, { decision_source: source }));
}

function denied(line: Line, memory: Memory, callId: unknown, facts: Facts = {}): Fact[] {
  const id = idOf(callId);
  if (id === undefined) return [];
  // Such messages do not say that a subagent made the call.
  const lane = memory.names.laneOf(line.lane, id);
  return [
    {
      kind: 'tool_info',
      eventId: `${lineId(line)}/denied:${id}`,
      key: `tool:${memory.names.last(lane, id)}`,
      lane,
      facts: { call_id: id, outcome: 'denied', decision: 'deny', ...facts },
    },
  ];
}

/** `message_start` of an answer that is printed in parts. */
export function messageBegun(line: Line, memory: Memory): LineResult {
  const id = idOf(objectOf(objectOf(line.record.event)?.message)?.id);
  memory.lane(line.lane).begun = id === undefined ? undefined : `llm:${id}`;
  return IGNORED;
}

/**
 * `message_delta` after the answer's lines: the lines have the counts of the moment they were printed, this has the
 * final ones.
 */
export function finalCounts(line: Line, memory: Memory): LineResult {
  const { begun, call, blocks } = memory.lane(line.lane);
  const event = objectOf(line.record.event) ?? {};
  const stopReason = textOf(objectOf(event.delta)?.stop_reason);
  const usage = usageFacts(objectOf(event.usage), 'always', stopReason);
  if (call === undefined || call !== begun || stopReason === undefined) return IGNORED;
  return parsed([
    {
      kind: 'llm_response',
      eventId: lineId(line),
      key: call,
      parent: parentKeyOf(line, memory),
      facts: { ...usage, stop_reason: stopReason, revision: blocks },
    },
    ...advisorCalls(line, memory, event, call, undefined),
  ]);
}
