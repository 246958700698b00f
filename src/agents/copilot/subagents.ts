import { subagentKey } from '../../session/identifiers.ts';
import { remember } from '../bounded.ts';
import { type DraftFields, draftOf, plainContent } from '../drafts.ts';
import { labelOf, objectOf, textOf } from '../json-values.ts';
import { keyOfCall, laneOf, originOf, type Scene } from './scene.ts';
import { MOST_REMEMBERED } from './state.ts';

/** `subagent.started`: names the agent whose id the following events carry. */
export function readSubagentStart(scene: Scene): void {
  const { data, lane } = scene.event;
  const callId = labelOf(data.toolCallId, 300);
  const agentId = lane !== '' ? lane : (labelOf(data.agentId, 200) ?? callId);
  if (agentId === undefined) return;
  if (callId !== undefined) remember(scene.state.agentsByCall, callId, agentId, MOST_REMEMBERED);
  remember(scene.state.begun, agentId, scene.event.atMicros, MOST_REMEMBERED);
  stateSubagent(scene, 'subagent_start', agentId, callId, {
    agent_id: agentId,
    agent_type: labelOf(data.agentName, 200),
    model: labelOf(data.model, 200),
    description: labelOf(data.agentDisplayName, 300) ?? labelOf(data.agentDescription, 500),
  });
}

/** An agent whose start was not recorded begins with its first event. */
export function enterLane(scene: Scene): void {
  const { lane, data } = scene.event;
  if (lane === '' || scene.state.lanes.has(lane)) return;
  // Its first input was given when it was started.
  laneOf(scene).inputAt = scene.state.begun.get(lane);
  const callId = labelOf(data.parentToolCallId, 300);
  stateSubagent(
    scene,
    'subagent_start',
    lane,
    callId,
    { agent_id: lane },
    { eventId: `${scene.event.id}/lane` },
  );
}

export function readSubagentEnd(scene: Scene, outcome: string): void {
  const { data, lane } = scene.event;
  const callId = labelOf(data.toolCallId, 300);
  const agentId = lane !== '' ? lane : (scene.state.agentsByCall.get(callId ?? '') ?? callId);
  if (agentId === undefined) return;
  const ended = data.cancelled === true ? 'interrupted' : outcome;
  const facts = { agent_id: agentId, outcome: ended };
  const error = plainContent('error', textOf(objectOf(data.error)?.message) ?? textOf(data.error));
  stateSubagent(scene, 'subagent_end', agentId, callId, facts, { contents: [error] });
}

function stateSubagent(
  scene: Scene,
  kind: 'subagent_start' | 'subagent_end',
  agentId: string,
  callId: string | undefined,
  facts: Readonly<Record<string, string | undefined>>,
  more: Pick<Partial<DraftFields>, 'eventId' | 'contents'> = {},
): void {
  scene.out.push(
    draftOf(originOf(scene.state, agentId), kind, {
      eventId: more.eventId ?? scene.event.id,
      operationKey: subagentKey(agentId),
      parentKey: callId === undefined ? undefined : keyOfCall(scene, callId),
      atMicros: scene.event.atMicros,
      timeBasis: scene.event.timeBasis,
      facts,
      contents: more.contents,
    }),
  );
}
