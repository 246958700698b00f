import type { EventDraft, TimeBasis } from '../../session/event.ts';
import { sortedJson } from '../call-digest.ts';
import { jsonContent } from '../drafts.ts';
import { type HookScene, hookDraft, parentOf } from '../hook-draft.ts';
import { type JsonObject, objectOf, textOf } from '../json-values.ts';
import { idOf } from './json-value.ts';
import { describeCall } from './tool-call.ts';

/** Event id of a call, without the call's own id: calls with the same name and input share it. */
export function callIdPrefix(scene: HookScene, name: string, input: unknown): string | undefined {
  const digest = callDigest(scene, name, input);
  return digest === undefined ? undefined : `hook/call/${digest}/`;
}

export function resultId(callId: string): string {
  return `hook/result/${callId}`;
}

function callDigest(scene: HookScene, name: string, input: unknown): string | undefined {
  return scene.call.memory.digest(`${name}\n${sortedJson(input)}`);
}

/** A call that is about to run; reporting it twice changes nothing. */
export function toolCalled(scene: HookScene, told: JsonObject): EventDraft[] {
  const id = idOf(told.tool_use_id);
  return id === undefined ? [] : [callDraft(scene, told, id, beganId(scene, told, id))];
}

/**
 * A call as reported when it is over, which does not say when it began; nothing if its beginning is known. The fact has
 * its own id, because the same id would keep out the one that knows.
 */
export function toolCalledBefore(scene: HookScene, told: JsonObject): EventDraft[] {
  const id = idOf(told.tool_use_id);
  if (id === undefined) return [];
  const isKnown = typeof scene.call.memory.at(scene.session, beganId(scene, told, id)) === 'number';
  return isKnown ? [] : [callDraft(scene, told, id, `hook/called/${id}`, 'inferred')];
}

function beganId(scene: HookScene, told: JsonObject, id: string): string {
  return `${callIdPrefix(scene, nameIn(told), told.tool_input) ?? 'hook/call//'}${id}`;
}

function nameIn(told: JsonObject): string {
  return textOf(told.tool_name) ?? 'unknown';
}

function callDraft(
  scene: HookScene,
  told: JsonObject,
  id: string,
  eventId: string,
  timeBasis?: TimeBasis,
): EventDraft {
  const name = nameIn(told);
  return hookDraft(scene, 'tool_call', {
    eventId,
    timeBasis,
    key: `tool:${id}`,
    parent: parentOf(scene),
    facts: {
      call_id: id,
      name,
      ...describeCall(name, objectOf(told.tool_input), { cwd: scene.call.payload.cwd }),
      call_digest: callDigest(scene, name, told.tool_input),
    },
    contents: [jsonContent('input', told.tool_input)],
  });
}
