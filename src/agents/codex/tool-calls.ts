import type { Facts } from '../../session/event.ts';
import { digestOf, jsonContent, plainContent } from '../drafts.ts';
import { executableOf } from '../executable.ts';
import { labelOf, objectOf, parsedJson, textOf } from '../json-values.ts';
import { commandOf, filesOfInput } from './files-touched.ts';
import { addInput, addOutput, openResponse } from './responses.ts';
import { occurrence, type Scene, type Statement, state, turnKey } from './scene.ts';
import type { HeldCall, KnownCall, RecordedEnd } from './state.ts';
import { linkSubagents } from './subagents.ts';
import { readOutput } from './tool-output.ts';

const MAX_CALLS = 1000;
const MAX_HELD = 32;

/** Remembers a call under its native id, forgetting the oldest beyond a thousand. */
export function rememberCall(
  scene: Scene,
  callId: string,
  digest: string,
  key: string,
  requested: boolean,
  spawns = false,
): KnownCall {
  const { calls } = scene.state;
  const before = calls.get(callId);
  const uses = (before?.uses ?? 0) + (before?.requested === true && requested ? 1 : 0);
  const ended = before?.key === key ? before.ended : undefined;
  const call = { digest, key, requested, uses, spawns, ended };
  calls.delete(callId);
  calls.set(callId, call);
  for (const oldest of calls.keys()) {
    if (calls.size <= MAX_CALLS) break;
    calls.delete(oldest);
  }
  return call;
}

/** Name facts of a tool; MCP tools carry server and tool inside the name or the namespace. */
function toolName(name: string, namespace: string | undefined): Facts {
  const full =
    name.startsWith('mcp__') || namespace?.startsWith('mcp__') !== true
      ? name
      : `${namespace.replace(/_+$/, '')}__${name}`;
  const cut = full.startsWith('mcp__') ? full.indexOf('__', 5) : -1;
  if (cut === -1) return { name: full, tool_type: 'function' };
  return {
    name: full,
    tool_type: 'mcp',
    mcp_server: full.slice(5, cut),
    mcp_tool: full.slice(cut + 2),
  };
}

/** A call as the model requested it: `function_call`, `custom_tool_call`, `local_shell_call` and their like. */
export function readCall(scene: Scene): void {
  const { payload, type } = scene.line;
  const kind = textOf(payload.type) ?? type;
  const name = labelOf(payload.name, 300) ?? kind.replace(/_call$/, '');
  const input = payload.arguments ?? payload.input ?? payload.action;
  const content = jsonContent('input', input);
  const digest = digestOf(`${name}\n${content?.text ?? ''}\n${textOf(payload.summary) ?? ''}`);
  const callId =
    labelOf(payload.call_id, 300) ?? labelOf(payload.id, 300) ?? namelessId(scene, 'model', kind);
  const known = scene.state.calls.get(callId);
  if (known?.requested === true && known.digest === digest) return;
  if (
    kind === 'custom_tool_call' &&
    name === 'exec' &&
    holdCall(scene, callId, content?.text ?? '')
  )
    return;
  // The same id with other arguments is another call; recordings made by hand repeat ids.
  const again = known?.requested === true ? `tool:${callId}/${known.uses + 2}` : undefined;
  const key = again ?? known?.key ?? `tool:${callId}`;
  const llm = openResponse(scene);
  const named = toolName(name, labelOf(payload.namespace, 300));
  state(scene, 'tool_call', {
    eventId: `call/${key}`,
    operationKey: key,
    parentKey: turnKey(scene),
    facts: {
      call_id: callId,
      ...named,
      llm,
      executable: executableOf(commandOf(input)),
      files: filesOfInput(input),
      description: labelOf(payload.summary, 1000),
      revision: 1,
    },
    contents: [content],
  });
  const call = rememberCall(scene, callId, digest, key, true, /^spawn_/.test(name));
  addOutput(scene, `tool_call:${key}`);
  if (finishedAtOnce(kind, payload.status)) stateOutcome(scene, call, payload.status);
}

/** Calls that the provider runs itself come with their result. */
function finishedAtOnce(kind: string, status: unknown): boolean {
  return (
    (kind === 'web_search_call' ||
      kind === 'image_generation_call' ||
      kind === 'tool_search_call') &&
    status !== 'in_progress'
  );
}

function stateOutcome(scene: Scene, { key, ended }: KnownCall, status: unknown): void {
  state(scene, 'tool_result', {
    eventId: `result/${key}`,
    operationKey: key,
    parentKey: turnKey(scene),
    facts: { outcome: status === 'failed' ? 'error' : 'ok' },
    ...whenEnded(ended),
  });
  addInput(scene, `tool:${key}`);
}

/** An id for a record without one: the k-th of its kind in the turn, whichever source states it. */
export function namelessId(scene: Scene, source: string, kind: string): string {
  return `${kind}/${occurrence(scene, source, 'nameless', kind).name}`;
}

/** The end that the call's own record told; the line of its output says when all calls of its response were done. */
function whenEnded(ended: RecordedEnd | undefined): Pick<Statement, 'atMicros' | 'timeBasis'> {
  return ended === undefined ? {} : { atMicros: ended.atMicros, timeBasis: ended.timeBasis };
}

/** `exec` in code mode wraps commands that are recorded as items; whether it did shows at its output. */
function holdCall(scene: Scene, callId: string, input: string): boolean {
  const { held, calls } = scene.state;
  if (held.length >= MAX_HELD || calls.has(callId) || held.some((call) => call.callId === callId))
    return false;
  const llm = openResponse(scene);
  held.push({ callId, atMicros: scene.line.atMicros, input, items: 0, llm });
  return true;
}

/** An item with an id of its own ran while a wrapper was open: it is the wrapper's. */
export function countHeldItem(scene: Scene): void {
  scene.state.held = scene.state.held.map((call) => ({ ...call, items: call.items + 1 }));
}

/** States a held call that turned out to be an ordinary one, or drops the wrapper of real calls. */
function settleHeld(scene: Scene, callId: string): 'wrapper' | 'call' | undefined {
  const call = scene.state.held.find((one) => one.callId === callId);
  if (call === undefined) return undefined;
  scene.state.held = scene.state.held.filter((one) => one !== call);
  if (call.items > 0) return 'wrapper';
  stateHeld(scene, call);
  return 'call';
}

/** Their turn is over: what got no output and wrapped nothing was an ordinary call. */
export function endHeld(scene: Scene): void {
  const { held } = scene.state;
  scene.state.held = [];
  for (const call of held) if (call.items === 0) stateHeld(scene, call);
}

function stateHeld(scene: Scene, { callId, input, atMicros, llm }: HeldCall): void {
  const key = `tool:${callId}`;
  state(scene, 'tool_call', {
    eventId: `call/${key}`,
    operationKey: key,
    parentKey: turnKey(scene),
    facts: {
      call_id: callId,
      name: 'exec',
      tool_type: 'function',
      llm,
      revision: 1,
    },
    contents: [jsonContent('input', input)],
    atMicros,
  });
  rememberCall(scene, callId, '', key, true);
  const asking = llm === undefined ? undefined : { key: llm, endedAt: atMicros };
  addOutput(scene, `tool_call:${key}`, asking);
}

/** `function_call_output` and its like: what the model was given as the result. */
export function readCallOutput(scene: Scene): void {
  const { payload } = scene.line;
  const callId = labelOf(payload.call_id, 300) ?? labelOf(payload.id, 300);
  if (callId === undefined) return;
  if (payload.type === 'custom_tool_call_output' && payload.name === 'exec') {
    noteSaid(scene, callId);
    return;
  }
  if (settleHeld(scene, callId) === 'wrapper') {
    scene.state.answered = true;
    return;
  }
  const known = scene.state.calls.get(callId);
  const key = known?.key ?? `tool:${callId}`;
  const output = readOutput(payload.output ?? payload.result ?? payload.tools);
  const ended = known?.ended;
  state(scene, 'tool_result', {
    eventId: `result/${key}`,
    operationKey: key,
    parentKey: turnKey(scene),
    facts: {
      outcome: output.outcome,
      error_type:
        output.outcome === 'error'
          ? output.exitCode === undefined
            ? 'tool_error'
            : 'exit_code'
          : undefined,
      exit_code: output.exitCode,
      duration_us: ended?.timed === true ? undefined : output.durationMicros,
      revision: 1,
    },
    contents: [plainContent('output', output.text)],
    ...whenEnded(ended),
  });
  scene.state.answered = true;
  addInput(scene, `tool:${key}`);
  if (known?.spawns === true) linkSubagents(scene, key, spawnedThreads(output.text));
}

/** What a script said while it ran: an output with the name of its tool, which its result does not have. */
function noteSaid(scene: Scene, callId: string): void {
  const known = scene.state.calls.get(callId);
  if (known === undefined) return;
  const { name } = occurrence(scene, 'model', 'said', callId);
  state(scene, 'tool_info', {
    eventId: `said/${known.key}/${name}`,
    operationKey: known.key,
    parentKey: turnKey(scene),
    contents: [plainContent('output', readOutput(scene.line.payload.output).text)],
  });
}

/** Thread ids in the result of a spawning tool. */
function spawnedThreads(text: string): readonly string[] {
  if (text.length > 4000 || !text.startsWith('{')) return [];
  const object = objectOf(parsedJson(text));
  const id = labelOf(object?.agent_id, 200) ?? labelOf(object?.thread_id, 200);
  return id === undefined ? [] : [id];
}
