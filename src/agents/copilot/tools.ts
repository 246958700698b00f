import type { Facts } from '../../session/event.ts';
import { remember } from '../bounded.ts';
import { jsonContent, plainContent } from '../drafts.ts';
import { integerOf, type JsonObject, labelOf, listOf, objectOf, textOf } from '../json-values.ts';
import { addInput, keyOfCall, type Scene, state } from './scene.ts';
import { MOST_REMEMBERED } from './state.ts';
import { inputFacts } from './tool-files.ts';

const DENIED = new Set(['denied', 'rejected', 'permission_denied', 'user_rejected', 'user_denied']);
const STOPPED = new Set(['aborted', 'cancelled', 'canceled', 'interrupted']);
const EXIT = /<exited with exit code (-?\d{1,10})>\s*$/;

/** Facts for a call's name; `source` has the MCP names if the tool belongs to a server. */
export function toolName(name: unknown, source: JsonObject): Facts {
  const server = labelOf(source.mcpServerName, 200);
  return {
    name: labelOf(name, 300) ?? 'unknown',
    tool_type: server === undefined ? 'function' : 'mcp',
    mcp_server: server,
    mcp_tool: labelOf(source.mcpToolName, 200),
  };
}

function keyOfStart(scene: Scene, callId: string): string {
  const { calls } = scene.state;
  const known = calls.get(callId);
  // An id that a provider reuses after its call has started is another call.
  const key =
    known === undefined
      ? `tool:${callId}`
      : known.started
        ? `tool:${callId}/${scene.event.id}`
        : known.key;
  remember(calls, callId, { key, started: true, asked: known?.asked }, MOST_REMEMBERED);
  return key;
}

/** Versions whose answers do not name their model name it in the calls. The fact keeps the answer's time. */
function stateModel(scene: Scene, callId: string): void {
  const { calls } = scene.state;
  const known = calls.get(callId);
  const model = labelOf(scene.event.data.model, 200);
  if (known?.asked === undefined || model === undefined) return;
  const { llm, turn, at } = known.asked;
  calls.set(callId, { ...known, asked: undefined });
  const more = { part: 'model', parentKey: turn, atMicros: at };
  state(scene, 'llm_response', llm, { response_model: model }, more);
}

export function readToolStart(scene: Scene): void {
  const { data } = scene.event;
  const callId = labelOf(data.toolCallId, 300) ?? scene.event.id;
  const key = keyOfStart(scene, callId);
  const name = labelOf(data.toolName, 300) ?? '';
  stateModel(scene, callId);
  state(
    scene,
    'tool_call',
    key,
    {
      call_id: callId,
      ...toolName(data.toolName, data),
      ...inputFacts(name, data.arguments),
    },
    { contents: [jsonContent('input', data.arguments)] },
  );
}

export function readToolEnd(scene: Scene): void {
  const { data } = scene.event;
  const callId = labelOf(data.toolCallId, 300) ?? scene.event.id;
  const key = keyOfCall(scene, callId);
  const result = objectOf(data.result);
  stateModel(scene, callId);
  const error = objectOf(data.error);
  const output = textOf(result?.content) ?? textOf(result?.detailedContent) ?? textOf(data.result);
  const code = labelOf(error?.code, 100);
  const outcome = data.success === true ? 'ok' : outcomeOfCode(code);
  const facts = {
    outcome,
    error_type: outcome === 'error' ? (code ?? 'tool_error') : undefined,
    exit_code: exitOf(result) ?? exitIn(output),
  };
  const contents = [
    plainContent('output', output),
    plainContent('error', textOf(error?.message) ?? textOf(data.error)),
  ];
  state(scene, 'tool_result', key, facts, { contents });
  addInput(scene, `tool:${key}`);
}

/** The exit code recorded beside the text that the model received. */
function exitOf(result: JsonObject | undefined): number | undefined {
  for (const block of listOf(result?.contents).slice(0, 100)) {
    const content = objectOf(block);
    if (content?.type === 'shell_exit' || content?.type === 'terminal')
      return integerOf(content.exitCode);
  }
  return undefined;
}

/** The exit code at the end of a shell's output. */
export function exitIn(output: string | undefined): number | undefined {
  const code = EXIT.exec(output?.slice(-100) ?? '')?.[1];
  return code === undefined ? undefined : Number(code);
}

function outcomeOfCode(code: string | undefined): string {
  if (code !== undefined && DENIED.has(code)) return 'denied';
  return code !== undefined && STOPPED.has(code) ? 'interrupted' : 'error';
}
