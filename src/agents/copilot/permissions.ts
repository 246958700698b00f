import { remember } from '../bounded.ts';
import { labelOf, objectOf } from '../json-values.ts';
import { keyOfCall, type Scene, state } from './scene.ts';
import { MOST_REMEMBERED } from './state.ts';

/** Who decided, from words in the name of the decision; the name for a missing rule mentions the user too. */
const SOURCES = [
  ['rule', 'rule'],
  ['policy', 'rule'],
  ['hook', 'hook'],
  ['user', 'user'],
] as const;

/** `permission.requested`: a person or a rule has to decide about a call. */
export function readPermissionAsked(scene: Scene): void {
  const { data, id, atMicros } = scene.event;
  const request = objectOf(data.permissionRequest) ?? data;
  const callId = labelOf(request.toolCallId, 300) ?? labelOf(data.toolCallId, 300);
  const asked = {
    callId,
    tool: labelOf(request.toolName, 300) ?? labelOf(request.kind, 100),
    at: atMicros,
  };
  remember(
    scene.state.permissions,
    labelOf(data.requestId, 200) ?? callId ?? id,
    asked,
    MOST_REMEMBERED,
  );
}

/** `permission.completed`: the decision, and how long it took. A denied call did not run. */
export function readPermissionGiven(scene: Scene): void {
  const { data, id, atMicros } = scene.event;
  const requestId = labelOf(data.requestId, 200) ?? labelOf(data.toolCallId, 300) ?? id;
  const asked = scene.state.permissions.get(requestId);
  scene.state.permissions.delete(requestId);
  const kind = labelOf(objectOf(data.result)?.kind, 100) ?? labelOf(data.result, 100) ?? '';
  const denied = kind.startsWith('denied') || kind.startsWith('reject');
  const callId = asked?.callId ?? labelOf(data.toolCallId, 300);
  const key = callId === undefined ? undefined : keyOfCall(scene, callId);
  state(
    scene,
    'permission',
    `permission:${requestId}`,
    {
      tool_call_id: callId,
      tool_name: asked?.tool,
      decision: denied ? 'deny' : kind.startsWith('approved') ? 'allow' : 'unknown',
      source: SOURCES.find(([word]) => kind.includes(word))?.[1] ?? 'unknown',
      reason: kind === '' ? undefined : kind,
      wait_us: asked === undefined || atMicros < asked.at ? undefined : atMicros - asked.at,
    },
    { parentKey: key },
  );
  if (denied && key !== undefined)
    state(scene, 'tool_result', key, { outcome: 'denied' }, { part: 'denied' });
}
