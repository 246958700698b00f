import type { EventDraft, Facts, TimeBasis } from '../../session/event.ts';
import { plainContent } from '../drafts.ts';
import { type HookScene, hookDraft, parentOf } from '../hook-draft.ts';
import { textOf } from '../json-values.ts';
import { callIdPrefix, resultId, toolCalledBefore } from './hook-calls.ts';
import { idOf } from './json-value.ts';

/**
 * A person is asked for permission. The payload names no call: it is the oldest pending one with the same name and
 * input that nobody has been asked about yet.
 */
export function permissionRequested(scene: HookScene): EventDraft[] {
  const { payload, memory, unique } = scene.call;
  const name = textOf(payload.tool_name);
  const prefix = name === undefined ? undefined : callIdPrefix(scene, name, payload.tool_input);
  const callId =
    prefix === undefined ? undefined : memory.pendingCall(scene.session, prefix, permissionId(''));
  const asked = { decision: 'ask', tool_name: name, tool_call_id: callId };
  const id = callId ?? unique;
  return [permission(scene, permissionId(id), id, callId, asked)];
}

/** The classifier of the automatic mode refused: the call does not run. */
export function permissionDenied(scene: HookScene): EventDraft[] {
  const { payload } = scene.call;
  const callId = idOf(payload.tool_use_id);
  if (callId === undefined) return [];
  const facts = {
    decision: 'deny',
    source: 'classifier',
    tool_name: textOf(payload.tool_name),
    tool_call_id: callId,
  };
  const reason = textOf(payload.reason);
  return [
    ...toolCalledBefore(scene, payload),
    permission(scene, `hook/denied/${callId}`, callId, callId, facts, reason),
    denied(scene, callId, 'classifier'),
  ];
}

/** A call that was asked about and then ran was allowed; the wait is known if the duration of the run is. */
export function allowedAfterAll(
  scene: HookScene,
  callId: string,
  durationMicros: number | undefined,
): { facts: Facts; drafts: EventDraft[] } {
  const askedAt = scene.call.memory.at(scene.session, permissionId(callId));
  if (typeof askedAt !== 'number') return { facts: {}, drafts: [] };
  const waited =
    durationMicros === undefined
      ? undefined
      : Math.max(0, scene.call.atMicros - durationMicros - askedAt);
  const facts = { decision: 'allow', tool_call_id: callId, wait_us: waited };
  return {
    facts: { decision: 'allow', wait_us: waited },
    drafts: [permission(scene, `hook/allowed/${callId}`, callId, callId, facts)],
  };
}

/** The result of a call that did not run. */
function denied(
  scene: HookScene,
  callId: string,
  source: string,
  timeBasis?: TimeBasis,
): EventDraft {
  return hookDraft(scene, 'tool_result', {
    eventId: resultId(callId),
    timeBasis,
    key: `tool:${callId}`,
    parent: parentOf(scene),
    facts: { call_id: callId, outcome: 'denied', decision: 'deny', decision_source: source },
  });
}

/**
 * A call that did not run, with the decision if somebody was asked. Reported when all calls of the answer are over, some
 * of which may have taken much longer.
 */
export function refused(scene: HookScene, callId: string, source: string): EventDraft[] {
  const result = denied(scene, callId, source, 'inferred');
  if (typeof scene.call.memory.at(scene.session, permissionId(callId)) !== 'number')
    return [result];
  const facts = { decision: 'deny', source, tool_call_id: callId };
  return [result, permission(scene, `hook/denied/${callId}`, callId, callId, facts)];
}

function permissionId(callId: string): string {
  return `hook/permission/${callId}`;
}

function permission(
  scene: HookScene,
  eventId: string,
  id: string,
  callId: string | undefined,
  facts: Facts,
  reason?: string,
): EventDraft {
  return hookDraft(scene, 'permission', {
    eventId,
    key: `permission:${id}`,
    parent: callId === undefined ? parentOf(scene) : `tool:${callId}`,
    facts: { ...facts, reason },
    contents: [plainContent('text', reason)],
  });
}
