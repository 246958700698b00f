import type { Facts } from '../../session/event.ts';
import { plainContent } from '../drafts.ts';
import { shownOf } from './hidden-markup.ts';
import { occurrence, type Scene, state, turnKey } from './scene.ts';
import type { CodexState } from './state.ts';

const MAX_REFERENCES = 500;

/** The response that was counted already and whose part the line is; undefined where the line's belongs to another one. */
function lateResponse({ state: now, line }: Scene): CodexState['counted'] {
  return now.response === undefined && line.type === 'response_item' ? now.counted : undefined;
}

/** The API response that is being written; opened by its first part. Returns its operation key. */
export function openResponse(scene: Scene): string {
  const now = scene.state;
  const late = lateResponse(scene);
  if (late !== undefined) return late.key;
  // Without token counts the only sign of a new request is that the model has been given a tool's output.
  if (now.response !== undefined && now.answered && !now.countsTokens) closeResponse(scene);
  if (now.response === undefined) {
    const turn = now.turn;
    const number = turn === undefined ? ++now.looseResponses : ++turn.responses;
    now.response = {
      key: `llm:${turn?.id ?? '-'}/${number}`,
      startedAt: now.inputAt ?? scene.line.atMicros,
      inputs: now.inputs,
      outputs: [],
    };
    now.inputs = [];
    now.answered = false;
  }
  now.response.lastAt = scene.line.atMicros;
  now.response.lastBasis = scene.line.timeBasis;
  return now.response.key;
}

/** Ends the open response, with its tokens where they are known; `atMicros` where it ended later than with its last part. */
export function closeResponse(scene: Scene, usage: Facts = {}, atMicros?: number): void {
  const now = scene.state;
  if (now.response === undefined) return;
  stateResponse(scene, '/end', { revision: 1, ...usage }, atMicros);
  // A thread has one request at a time: the next one was sent after this one's end.
  now.inputAt = Math.max(now.inputAt ?? 0, atMicros ?? now.response.lastAt ?? 0);
  now.response = undefined;
  now.answered = false;
}

/** States the open response as it is so far. */
export function stateResponse(scene: Scene, suffix: string, facts: Facts, atMicros?: number): void {
  const now = scene.state;
  const open = now.response;
  if (open === undefined) return;
  state(scene, 'llm_response', {
    eventId: `${open.key}${suffix}`,
    operationKey: open.key,
    parentKey: turnKey(scene),
    facts: {
      request_model: now.model,
      provider: now.provider,
      reasoning_level: now.effort,
      requested_at_us: open.startedAt,
      inputs: open.inputs,
      outputs: open.outputs,
      ...facts,
    },
    atMicros: atMicros ?? open.lastAt,
    timeBasis: open.lastBasis ?? scene.line.timeBasis,
  });
}

/** Remembers a part of a response, the open one where none is given: `<type>:<operation key>`. */
export function addOutput(scene: Scene, entry: string, late = lateResponse(scene)): void {
  if (late !== undefined && late.key !== scene.state.response?.key) {
    state(scene, 'llm_response', {
      eventId: `${late.key}/late/${entry}`,
      operationKey: late.key,
      parentKey: turnKey(scene),
      facts: { outputs: [entry], revision: 2 },
      atMicros: late.endedAt,
    });
    return;
  }
  const outputs = scene.state.response?.outputs;
  if (outputs !== undefined && outputs.length < MAX_REFERENCES && !outputs.includes(entry))
    outputs.push(entry);
}

/** Remembers something the next request will hold: `<role>:<operation key>`. */
export function addInput(scene: Scene, entry: string): void {
  const { inputs } = scene.state;
  noteInput(scene);
  if (inputs.length < MAX_REFERENCES && !inputs.includes(entry)) inputs.push(entry);
}

/** The model was given something. */
export function noteInput({ state: now, line }: Scene): void {
  now.counted = undefined;
  now.inputAt = line.atMicros;
}

export function readAnswer(scene: Scene, source: string, text: string): void {
  const { name, first } = occurrence(scene, source, 'response', shownOf(text));
  if (!first) return;
  const llm = openResponse(scene);
  state(scene, 'response', {
    eventId: `response/${name}`,
    operationKey: `response:${name}`,
    parentKey: turnKey(scene),
    facts: { llm },
    contents: [plainContent('text', text)],
  });
  addOutput(scene, `text:response:${name}`);
}

/** One part of the model's reasoning. Without text it only shows that a response has begun. */
export function readReasoning(scene: Scene, source: string, text: string | undefined): void {
  if (text === undefined) {
    openResponse(scene);
    return;
  }
  const { name, first } = occurrence(scene, source, 'reasoning', text);
  if (!first) return;
  const llm = openResponse(scene);
  state(scene, 'llm_response', {
    eventId: `reasoning/${name}`,
    operationKey: llm,
    parentKey: turnKey(scene),
    facts: { request_model: scene.state.model, requested_at_us: scene.state.response?.startedAt },
    contents: [plainContent('reasoning', text)],
    atMicros: lateResponse(scene)?.endedAt,
  });
  addOutput(scene, `reasoning:${llm}`);
}
