import { remember } from '../bounded.ts';
import { type JsonObject, labelOf, objectOf } from '../json-values.ts';
import { type Conversation, state } from './scene.ts';

const MOST_ASKED = 1000;

interface Message {
  readonly id: string;
  readonly content: readonly unknown[];
  readonly atMicros: number;
}

/** Parts of one kind that ask about calls or answer such questions. */
function actionsOf({ content }: Message, kind: string): JsonObject[] {
  return content.flatMap((part) => {
    const action = objectOf(part);
    const data = objectOf(action?.data);
    return action?.type === 'actionRequired' && data?.actionType === kind ? [data] : [];
  });
}

/** Remembers when the user was asked about a call. */
export function readAsked(talk: Conversation, message: Message): void {
  for (const { id, toolName } of actionsOf(message, 'toolConfirmation')) {
    const asked = { tool: labelOf(toolName, 300), atMicros: message.atMicros };
    remember(talk.asked, labelOf(id, 300) ?? message.id, asked, MOST_ASKED);
  }
}

/** The user's decision: `allow_once`, `always_allow`, `deny_once`, `always_deny`, `cancel`. */
export function stateDecisions(talk: Conversation, message: Message): void {
  const { atMicros } = message;
  for (const data of actionsOf(message, 'toolConfirmationResponse')) {
    const callId = labelOf(data.id, 300) ?? message.id;
    const reason = labelOf(data.permission, 60) ?? '';
    const asked = talk.asked.get(callId);
    state(talk, 'permission', {
      eventId: `${message.id}/permission/${callId}`,
      operationKey: `permission:${callId}`,
      parentKey: talk.calls.get(callId) ?? `tool:${callId}`,
      atMicros,
      facts: {
        tool_call_id: callId,
        tool_name: asked?.tool,
        decision: decisionOf(reason),
        source: 'user',
        reason,
        wait_us: asked === undefined ? undefined : Math.max(0, atMicros - asked.atMicros),
      },
    });
  }
}

function decisionOf(permission: string): string {
  if (/deny|cancel/.test(permission)) return 'deny';
  return permission.includes('allow') ? 'allow' : 'unknown';
}
