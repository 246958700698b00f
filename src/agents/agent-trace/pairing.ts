import type { JsonObject } from '../json-values.ts';
import { labelOf } from '../json-values.ts';
import type { OpenCall, RecordKind, TraceState } from './state.ts';

const MAX_OPEN = 2000;
const MAX_KINDS = 5000;

/** The operation of an event id. A 16-digit id is a span id and stays one. */
export function keyOf(eventId: string): string {
  return /^[0-9a-f]{16}$/.test(eventId) ? `span:${eventId}` : eventId;
}

export function rememberKind(state: TraceState, id: string, kind: RecordKind): void {
  state.kinds.delete(id);
  state.kinds.set(id, kind);
  for (const oldest of state.kinds.keys()) {
    if (state.kinds.size <= MAX_KINDS) break;
    state.kinds.delete(oldest);
  }
}

export function openCall(state: TraceState, call: OpenCall): void {
  state.open = [...state.open.slice(1 - MAX_OPEN), call];
}

export function requestIdOf(data: JsonObject): string | undefined {
  return (
    labelOf(data.request_id, 300) ??
    labelOf(data.tool_use_id, 300) ??
    labelOf(data.tool_call_id, 300)
  );
}

export interface Pairing {
  /** Operation that the record speaks of. */
  readonly key: string;
  readonly kind: 'tool' | 'llm' | undefined;
  /** The record's own `parent_id` named the call, so it says nothing about nesting. */
  readonly byParent: boolean;
}

/**
 * Which call a result or an error belongs to: the one its `parent_id` names, else the one with its request id, else
 * the oldest open one of its tool's name, else the only open one. `kind` is undefined when there is none.
 */
export function pair(
  state: TraceState,
  id: string,
  parentId: string | undefined,
  data: JsonObject,
  wanted: 'tool' | 'llm' | 'any',
): Pairing {
  const fits = (kind: RecordKind | undefined) =>
    kind === wanted || (wanted === 'any' && (kind === 'tool' || kind === 'llm'));
  if (parentId !== undefined) {
    const known = state.kinds.get(parentId);
    const kind = known === undefined && wanted !== 'any' ? wanted : known;
    if ((kind === 'tool' || kind === 'llm') && fits(kind)) {
      state.open = state.open.filter((call) => call.id !== parentId);
      return { key: keyOf(parentId), kind, byParent: true };
    }
  }
  const found = openMatch(state, data, wanted);
  if (found === undefined) return { key: keyOf(id), kind: undefined, byParent: false };
  state.open = state.open.filter((call) => call !== found);
  return { key: keyOf(found.id), kind: found.kind, byParent: false };
}

function openMatch(
  state: TraceState,
  data: JsonObject,
  wanted: 'tool' | 'llm' | 'any',
): OpenCall | undefined {
  const candidates = state.open.filter((call) => wanted === 'any' || call.kind === wanted);
  const requestId = requestIdOf(data);
  if (requestId !== undefined) return candidates.find((call) => call.requestId === requestId);
  const name = labelOf(data.tool_name, 300);
  if (name !== undefined) return candidates.find((call) => call.name === name);
  return wanted !== 'any' && candidates.length === 1 ? candidates[0] : undefined;
}
