import type { Message, MessagePart } from '../../session/operation.ts';

type Json = Record<string, unknown>;

function textOf(parts: readonly MessagePart[], type: MessagePart['type']): string {
  return parts
    .filter((part) => part.type === type)
    .map((part) => part.text)
    .join('\n');
}

function toolCall(part: MessagePart): Json {
  const id = part.toolCallId === undefined ? {} : { id: part.toolCallId };
  const name = part.toolName ?? 'unknown';
  return { ...id, type: 'function', function: { name, arguments: part.text ?? '{}' } };
}

/** Converts one recorded message to the chat messages that Langfuse draws: each tool result becomes one of its own. */
function chatMessages({ role, parts }: Message): Json[] {
  const results = parts
    .filter(({ type }) => type === 'tool_call_response')
    .map(({ toolCallId, text }) => ({
      role: 'tool',
      ...(toolCallId === undefined ? {} : { tool_call_id: toolCallId }),
      content: text ?? '',
    }));
  const calls = parts.filter(({ type }) => type === 'tool_call').map(toolCall);
  const reasoning = textOf(parts, 'reasoning');
  const content = textOf(parts, 'text');
  if (content === '' && reasoning === '' && calls.length === 0) return results;
  const message: Json = { role, content };
  if (reasoning !== '') message.reasoning = reasoning;
  if (calls.length > 0) message.tool_calls = calls;
  return [message, ...results];
}

/** Messages as JSON text, an array of chat messages; undefined if there are none. */
export function chatMessagesJson(messages: readonly Message[] | undefined): string | undefined {
  const all = messages?.flatMap(chatMessages) ?? [];
  return all.length === 0 ? undefined : JSON.stringify(all);
}
