import { type JsonObject, objectOf, textOf } from '../json-values.ts';
import { type Fact, text } from './fact.ts';
import { wholeCountOf } from './json-value.ts';
import { type Line, lineId } from './line.ts';
import type { Memory } from './memory.ts';
import { endTurn, parentKeyOf } from './turn.ts';

const LOW_CARDINALITY = /^[A-Za-z][A-Za-z0-9_.-]{0,63}$/;
const STATUS_IN_TEXT = /^API Error: (?:Error: )?(\d{3})\b/;

/** A call that the API finally refused: the client reports it as an assistant message, and the turn is over. */
export function apiFailure(line: Line, memory: Memory, llm: string, said: string): Fact[] {
  const lane = memory.lane(line.lane);
  // If the turn was already over, nothing says when the request was sent.
  const isUnasked = line.lane === '' && memory.turn?.ended !== undefined;
  const isAsked = lane.call !== llm && !isUnasked;
  const failed: Fact = {
    kind: 'llm_response',
    eventId: lineId(line),
    key: llm,
    parent: parentKeyOf(line, memory),
    facts: {
      request_id: textOf(line.record.requestId),
      error_type: errorTypeOf(line.record.error),
      http_status: wholeCountOf(line.record.apiErrorStatus) ?? statusIn(said),
      retry_count: lane.retryCount,
      retry_reason: lane.retryReason,
      inputs: lane.inputs,
      requested_at_us: isAsked ? lane.lastAtMicros : undefined,
    },
    contents: said === '' ? [] : [text('error', said)],
  };
  lane.call = llm;
  lane.inputs = [];
  lane.retryCount = undefined;
  lane.retryReason = undefined;
  return line.lane === '' ? [failed, ...endTurn(line, memory, 'error')] : [failed];
}

/** A low-cardinality name for an error, in any form that the client writes. */
export function errorTypeOf(error: unknown): string {
  const record = objectOf(error);
  const inner: JsonObject | undefined = objectOf(record?.error);
  const innermost = objectOf(inner?.error);
  const connection = objectOf(record?.connection) ?? objectOf(record?.cause);
  const names = [error, innermost?.type, inner?.type, record?.type, record?.code, connection?.code];
  const name = names
    .map(textOf)
    .find((text) => text !== undefined && LOW_CARDINALITY.test(text) && text !== 'error');
  return name ?? 'api_error';
}

function statusIn(said: string): number | undefined {
  const status = STATUS_IN_TEXT.exec(said)?.[1];
  return status === undefined ? undefined : Number(status);
}
