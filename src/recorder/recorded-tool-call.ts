import type { Facts } from '../session/event.ts';
import { type Ended, measured, nowMicros, statedLate } from './measured-call.ts';
import type { RetrievalRequest, ToolCall, ToolRequest } from './recorder-api.ts';
import type { SessionScene } from './session-scene.ts';
import { anyValue, count, errorFacts, plainText, wasAborted, word } from './stated-values.ts';

interface Stated {
  over: boolean;
  facts: Facts;
  output: { readonly value: unknown } | undefined;
}

/**
 * Runs a host's tool between the fact that it began and the fact of how it ended; what happens inside is nested below
 * it.
 */
export function recordToolCall<T>(
  scene: SessionScene,
  request: ToolRequest,
  run: (call: ToolCall) => T,
): T {
  const key = scene.newKey('tool');
  const parent = scene.parent();
  const stated: Stated = { over: false, facts: {}, output: undefined };
  scene.safely(() => {
    const facts = requestFacts(request, scene.lastLlm);
    scene.state('tool_call', {
      key,
      part: 'call',
      parent,
      facts,
      contents: anyValue('input', request?.input),
    });
  });
  const call = toolCall(scene, key, stated);
  const strand = scene.enter(key);
  const ended = (how: Ended<T>) => {
    stated.over = true;
    scene.safely(() => {
      recordResult(scene, key, parent, word(request?.callId), stated, how);
      scene.leave(strand);
    });
  };
  return scene.within(strand, () => measured(() => run(call), ended));
}

function recordResult(
  scene: SessionScene,
  key: string,
  parent: string | undefined,
  callId: string | undefined,
  stated: Stated,
  how: Ended<unknown>,
): void {
  const output =
    stated.output !== undefined ? stated.output.value : 'value' in how ? how.value : undefined;
  const facts = { call_id: callId, duration_us: how.micros, ...outcomeOf(how), ...stated.facts };
  scene.state('tool_result', {
    key,
    part: 'result',
    parent,
    facts,
    contents: anyValue('output', output),
  });
}

function requestFacts(request: ToolRequest, llm: string | undefined): Facts {
  const server = word(request?.mcpServer);
  return {
    name: word(request?.name) ?? 'unknown',
    call_id: word(request?.callId),
    description: word(request?.description),
    tool_type: word(request?.type) ?? (server === undefined ? 'function' : 'mcp'),
    mcp_server: server,
    mcp_tool: server === undefined ? undefined : word(request?.name),
    llm,
  };
}

function toolCall(scene: SessionScene, key: string, stated: Stated): ToolCall {
  const state = (more: Partial<Stated>) =>
    scene.safely(() => {
      if (stated.over) throw statedLate('tool');
      Object.assign(stated, more);
    });
  const add = (facts: Facts) => state({ facts: { ...stated.facts, ...facts } });
  return {
    traceparent: scene.traceparent(key),
    output(value) {
      state({ output: { value } });
    },
    failed(type, message) {
      add({
        outcome: 'error',
        error_type: word(type) ?? 'tool_error',
        error_message: word(message),
      });
    },
    denied(source) {
      add({ outcome: 'denied', decision: 'deny', decision_source: word(source) });
    },
    exitCode(code) {
      add({ exit_code: count(code) });
    },
  };
}

function outcomeOf(how: Ended<unknown>): Facts {
  if (!('error' in how)) return { outcome: 'ok' };
  return wasAborted(how.error)
    ? { outcome: 'interrupted', interrupted: true }
    : { outcome: 'error', ...errorFacts(how.error) };
}

/** Runs a host's retrieval and records it as one fact once it is over. */
export function recordRetrieval<T>(
  scene: SessionScene,
  request: RetrievalRequest,
  run: () => T,
): T {
  const key = scene.newKey('retrieval');
  const parent = scene.parent();
  return measured(run, (how) => scene.safely(() => recordFound(scene, key, parent, request, how)));
}

function recordFound(
  scene: SessionScene,
  key: string,
  parent: string | undefined,
  request: RetrievalRequest,
  how: Ended<unknown>,
): void {
  const found = 'value' in how ? how.value : undefined;
  const facts: Facts = {
    data_source: word(request?.dataSource),
    top_k: count(request?.topK),
    document_count: Array.isArray(found) ? found.length : undefined,
    duration_us: how.micros,
    ...('error' in how ? errorFacts(how.error) : {}),
  };
  const contents = [...plainText('input', request?.query), ...anyValue('output', found)];
  scene.state('retrieval', { key, parent, atMicros: nowMicros() - how.micros, facts, contents });
}
