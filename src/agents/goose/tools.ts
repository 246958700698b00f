import type { Facts } from '../../session/event.ts';
import { jsonContent, linkDraft, plainContent } from '../drafts.ts';
import { executableOf } from '../executable.ts';
import { integerOf, type JsonObject, labelOf, listOf, objectOf, textOf } from '../json-values.ts';
import { addInput, type Conversation, state } from './scene.ts';
import { sessionId } from './sessions.ts';

/** Denied by a person, or by the mode in which the program only chats. */
const DENIED =
  /^(?:The user has declined|User declined|The user (?:has )?(?:rejected|denied)|Let the user know the tool call was skipped in goose chat mode)/i;
const INTERRUPTED = 'Interrupted by the user to make a correction';
const WRITING = new Set(['write', 'edit', 'text_editor', 'developer__text_editor']);

/** `toolRequest`: a call, or model output that could not be parsed as one. Returns the call's key. */
export function stateRequest(
  talk: Conversation,
  part: JsonObject,
  messageId: string,
  atMicros: number,
): string {
  const id = labelOf(part.id, 300) ?? messageId;
  const key = talk.calls.has(id) ? `tool:${id}/${messageId}` : `tool:${id}`;
  talk.calls.set(id, key);
  const call = objectOf(part.toolCall);
  const value = objectOf(call?.value);
  const name = labelOf(value?.name, 300) ?? 'unknown';
  const facts = {
    call_id: id,
    llm: talk.llm,
    description: labelOf(objectOf(part._meta)?.['goose.toolSummary.title'], 500),
    ...nameFacts(name),
    ...inputFacts(name, objectOf(value?.arguments)),
  };
  const fact = { eventId: `${messageId}/${key}`, operationKey: key, atMicros };
  state(talk, 'tool_call', { ...fact, facts, contents: [jsonContent('input', value?.arguments)] });
  if (call?.status === 'error') {
    const result = { outcome: 'error', error_type: 'invalid_call' };
    state(talk, 'tool_result', {
      ...fact,
      eventId: `${fact.eventId}/invalid`,
      facts: result,
      contents: [plainContent('error', textOf(call.error))],
    });
  }
  return key;
}

/** Extensions are MCP servers; their name precedes the tool's. */
function nameFacts(name: string): Facts {
  const cut = name.indexOf('__');
  if (cut <= 0) return { name, tool_type: 'function' };
  return { name, tool_type: 'mcp', mcp_server: name.slice(0, cut), mcp_tool: name.slice(cut + 2) };
}

function inputFacts(name: string, input: JsonObject | undefined): Facts {
  const path = labelOf(input?.path) ?? labelOf(input?.file_path);
  const views = input?.command === 'view';
  const files =
    path === undefined || !WRITING.has(name) ? undefined : [`${views ? 'read' : 'write'}:${path}`];
  return { files, executable: name.endsWith('shell') ? executableOf(input?.command) : undefined };
}

/** `toolResponse`: an error beside the result means that the call never ran; one inside it, that it ran and failed. */
export function stateResponse(
  talk: Conversation,
  part: JsonObject,
  messageId: string,
  atMicros: number,
): void {
  const id = labelOf(part.id, 300) ?? messageId;
  const key = talk.calls.get(id) ?? `tool:${id}`;
  const result = objectOf(part.toolResult);
  const value = objectOf(result?.value) ?? { content: result?.value };
  const refusal =
    result?.status === 'error'
      ? (textOf(result.error) ?? textOf(objectOf(result.error)?.message))
      : undefined;
  const output = textOfParts(value.content);
  const failed = result?.status === 'error' || value.isError === true;
  const outcome = outcomeOf(failed, (refusal ?? output ?? '').slice(0, 200));
  const facts = {
    outcome,
    exit_code: integerOf(objectOf(value.structuredContent)?.exit_code),
    error_type:
      outcome !== 'error' ? undefined : result?.status === 'error' ? 'not_run' : 'tool_error',
  };
  const fact = { eventId: `${messageId}/${key}/result`, operationKey: key, atMicros, facts };
  state(talk, 'tool_result', {
    ...fact,
    contents: [plainContent('output', output), plainContent('error', refusal)],
  });
  addInput(talk, `tool:${key}`, atMicros);
  linkSubagent(talk, key, value, atMicros);
}

/** The result of `delegate` names the session that it started. */
function linkSubagent(talk: Conversation, key: string, result: JsonObject, atMicros: number): void {
  const child = sessionId(objectOf(result._meta)?.subagent_session_id);
  // Before sessions named their parent, the other session has a trace of its own.
  if (child === undefined || !talk.children.has(child)) return;
  talk.out.push(linkDraft(talk.origin, key, child, { atMicros, timeBasis: 'recorded' }));
}

function outcomeOf(failed: boolean, answer: string): string {
  if (DENIED.test(answer)) return 'denied';
  if (!failed) return 'ok';
  return answer.includes(INTERRUPTED) ? 'interrupted' : 'error';
}

/** Tools often write an output twice, for the model and for the user; the model's version is used. */
function textOfParts(content: unknown): string | undefined {
  const parts = listOf(content);
  const given = parts.filter(isForModel);
  const texts: string[] = [];
  for (const part of given.length === 0 ? parts : given) {
    const text = textOf(objectOf(part)?.text) ?? textOf(objectOf(objectOf(part)?.resource)?.text);
    if (text !== undefined) texts.push(text);
  }
  return texts.length === 0 ? undefined : texts.join('\n');
}

function isForModel(part: unknown): boolean {
  const audience = objectOf(objectOf(part)?.annotations)?.audience;
  return !Array.isArray(audience) || audience.includes('assistant');
}
