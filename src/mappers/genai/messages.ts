import type { Message, MessagePart } from '../../session/operation.ts';
import { parsedJson } from '../content-text.ts';

type Json = Record<string, unknown>;

function payloadOf(part: MessagePart, parse: boolean): unknown {
  const text = part.text ?? '';
  if (!parse || part.media !== 'application/json') return text;
  const value = parsedJson(text);
  return value === undefined ? text : value;
}

function partOf(part: MessagePart, parse: boolean): Json {
  const id = part.toolCallId === undefined ? {} : { id: part.toolCallId };
  switch (part.type) {
    case 'text':
    case 'reasoning':
      return { type: part.type, content: part.text ?? '' };
    case 'tool_call': {
      const sent = part.text === undefined ? {} : { arguments: payloadOf(part, parse) };
      return { type: 'tool_call', ...id, name: part.toolName ?? 'unknown', ...sent };
    }
    case 'tool_call_response':
      return { type: 'tool_call_response', ...id, response: payloadOf(part, parse) };
  }
}

/**
 * Each tool result becomes a message of its own: some readers keep only one result of a message (Phoenix the last). An
 * answer stays one message, with the results of what the API ran itself where they came.
 */
function oneResultEach(message: Message): readonly Message[] {
  const { role, parts } = message;
  if (role === 'assistant') return [message];
  const messages: { role: Message['role']; parts: MessagePart[] }[] = [];
  let joins = false;
  for (const part of parts) {
    const plain = part.type !== 'tool_call_response';
    if (plain && joins) messages.at(-1)!.parts.push(part);
    else messages.push({ role, parts: [part] });
    joins = plain;
  }
  return messages;
}

function shaped(messages: readonly Message[], parse: boolean, reasons?: readonly string[]): Json[] {
  return messages.flatMap(oneResultEach).map(({ role, parts }, choice) => ({
    role,
    parts: parts.map((part) => partOf(part, parse)),
    ...(reasons && { finish_reason: reasons[choice] ?? 'unknown' }),
  }));
}

/**
 * Messages as JSON text in the shape of the conventions; undefined if there are none. Payloads of tools are embedded
 * as JSON, unless one is nested too deeply to be serialised; then all stay text. `reasons` become the `finish_reason`
 * that former conventions require in every output message, `unknown` if there is none.
 */
export function messagesJson(
  messages: readonly Message[] | undefined,
  reasons?: readonly string[],
): string | undefined {
  const said = messages?.filter(({ role }) => role !== 'system') ?? [];
  if (said.length === 0) return undefined;
  try {
    return JSON.stringify(shaped(said, true, reasons));
  } catch {
    return JSON.stringify(shaped(said, false, reasons));
  }
}

/** The parts of system messages as JSON text for `gen_ai.system_instructions`; undefined if there are none. */
export function systemInstructionsJson(
  messages: readonly Message[] | undefined,
): string | undefined {
  const parts =
    messages?.filter(({ role }) => role === 'system').flatMap((message) => message.parts) ?? [];
  return parts.length === 0 ? undefined : JSON.stringify(parts.map((part) => partOf(part, false)));
}
