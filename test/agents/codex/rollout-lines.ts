import { codex } from '../../../src/agents/codex/codex.ts';
import { jsonl, ofKind, operationsOf, readText } from '../reading.ts';

/** Lines of an invented rollout; seconds count from noon. */
export const at = (second: number) =>
  new Date(Date.UTC(2026, 8, 20, 12) + second * 1000).toISOString();

export const line = (second: number, type: string, payload: object) => ({
  timestamp: at(second),
  type,
  payload,
});

export const meta = (extra: object = {}) =>
  line(0, 'session_meta', { id: 'thread-1', timestamp: at(0), cli_version: '0.150.0', ...extra });

export const event = (second: number, type: string, payload: object = {}) =>
  line(second, 'event_msg', { type, ...payload });

export const item = (second: number, value: object, more: object = {}) =>
  event(second, 'item_completed', {
    thread_id: 'thread-1',
    turn_id: 't1',
    item: value,
    completed_at_ms: Date.parse(at(second)),
    ...more,
  });

export const part = (second: number, type: string, payload: object) =>
  line(second, 'response_item', { type, ...payload });

export const asked = (second: number, call_id: string, name: string, input: object = {}) =>
  part(second, 'function_call', { name, arguments: JSON.stringify(input), call_id });

export const gave = (second: number, call_id: string, output: unknown) =>
  part(second, 'function_call_output', { call_id, output });

export const read = (lines: readonly object[]) => readText(codex, jsonl(lines));

export const toolCalls = (lines: readonly object[]) =>
  ofKind(operationsOf(read(lines).events), 'tool_call');
