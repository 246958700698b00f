import { decimalText } from '../session/decimal-text.ts';
import type { Facts } from '../session/event.ts';
import { type Ended, measured, nowMicros, statedLate } from './measured-call.ts';
import type { LlmCall, LlmRequest, LlmResult } from './recorder-api.ts';
import type { SessionScene } from './session-scene.ts';
import {
  count,
  errorFacts,
  plainText,
  serverFacts,
  templateFacts,
  wasAborted,
  word,
} from './stated-values.ts';

/** Runs a host's LLM call between the fact that it began and the fact of how it ended. */
export function recordLlmCall<T>(
  scene: SessionScene,
  request: LlmRequest,
  run: (call: LlmCall) => T,
): T {
  const key = scene.newKey('llm');
  const parent = scene.parent();
  const inputs = scene.takeInputs(key);
  const startMicros = nowMicros();
  let told: LlmResult = {};
  let firstChunkMicros: number | undefined;
  let over = false;
  scene.safely(() => {
    const facts = requestFacts(request, inputs);
    scene.state('llm_request', { key, part: 'request', parent, atMicros: startMicros, facts });
  });
  const callOf = (passedMicros: () => number): LlmCall => ({
    traceparent: scene.traceparent(key),
    result(result) {
      scene.safely(() => {
        if (over) throw statedLate('LLM');
        const usage = { ...told.usage, ...stated(result?.usage) };
        told = { ...told, ...stated(result), ...(Object.keys(usage).length > 0 && { usage }) };
      });
    },
    firstChunk() {
      firstChunkMicros ??= passedMicros();
    },
  });
  return measured(
    (passedMicros) => run(callOf(passedMicros)),
    (how) => {
      over = true;
      scene.safely(() => recordEnd(scene, key, parent, told, firstChunkMicros, how));
    },
  );
}

/** Only the members that have a value: what was stated before stays. */
function stated<T extends object>(members: T | undefined): Partial<T> {
  const entries = Object.entries(members ?? {}).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as Partial<T>;
}

function requestFacts(request: LlmRequest, inputs: readonly string[]): Facts {
  return {
    request_model: word(request?.model),
    provider: word(request?.provider),
    ...serverFacts(request?.serverAddress, request?.serverPort),
    max_tokens: count(request?.maxTokens),
    temperature: decimalText(request?.temperature),
    top_p: decimalText(request?.topP),
    stream: request?.stream === true ? true : undefined,
    ...templateFacts(request?.template),
    inputs,
  };
}

function recordEnd(
  scene: SessionScene,
  key: string,
  parent: string | undefined,
  told: LlmResult,
  ttfc: number | undefined,
  how: Ended<unknown>,
): void {
  const said = plainText('text', told.text);
  const responseKey = `response:${key}`;
  const outputs = [
    ...(word(told.reasoning) === undefined ? [] : [`reasoning:${key}`]),
    ...(said.length === 0 ? [] : [`text:${responseKey}`]),
  ];
  scene.state('llm_response', {
    key,
    part: 'response',
    parent,
    facts: {
      duration_us: how.micros,
      ttfc_us: ttfc,
      response_model: word(told.model),
      response_id: word(told.responseId),
      stop_reason: word(told.stopReason),
      ...usageFacts(told.usage),
      cost_usd: decimalText(told.costUsd),
      outputs,
      ...('error' in how
        ? { ...errorFacts(how.error), aborted: wasAborted(how.error) || undefined }
        : {}),
    },
    contents: plainText('reasoning', told.reasoning),
  });
  if (said.length > 0)
    scene.state('response', { key: responseKey, parent, facts: { llm: key }, contents: said });
}

function usageFacts(usage: LlmResult['usage']): Facts {
  return {
    usage_input: count(usage?.input),
    usage_output: count(usage?.output),
    usage_cache_read: count(usage?.cacheRead),
    usage_cache_write: count(usage?.cacheWrite),
    usage_reasoning: count(usage?.reasoning),
    usage_basis: usage === undefined ? undefined : 'exact',
  };
}
