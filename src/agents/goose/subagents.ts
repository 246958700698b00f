import { subagentKey } from '../../session/identifiers.ts';
import { draftOf } from '../drafts.ts';
import { type JsonObject, objectOf } from '../json-values.ts';
import type { Conversation } from './scene.ts';
import { sessionId } from './sessions.ts';

/** The result of `delegate` names the session that it started. */
export function linkSubagent(
  talk: Conversation,
  key: string,
  result: JsonObject,
  atMicros: number,
): void {
  const child = sessionId(objectOf(result._meta)?.subagent_session_id);
  // Before sessions named their parent, the other session has a trace of its own.
  if (child === undefined || !talk.children.has(child)) return;
  const { session, rootSession } = talk.origin;
  talk.out.push(
    draftOf(
      { session: child, rootSession: rootSession ?? session, lane: child, capture: 'transcript' },
      'subagent_info',
      {
        eventId: `link/${session}/${key}`,
        operationKey: subagentKey(child),
        parentKey: `${session}\n${key}`,
        atMicros,
        timeBasis: 'recorded',
        facts: { agent_id: child },
      },
    ),
  );
}
