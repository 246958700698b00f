import type { Facts } from '../../session/event.ts';
import { plainContent } from '../drafts.ts';
import { shownOf } from './hidden-markup.ts';
import { occurrence, type Scene, state, turnKey } from './scene.ts';
import type { CodexState } from './state.ts';

const MAX_REFERENCES = 500;
/** Lines that are written together are no further apart. */
const BURST_MICROS = 20_000;

/** The response that was counted already and whose part the line is; undefined where the line's belongs to another one. */
function lateResponse({ state: now, line }: Scene): CodexState['counted'] {
  return now.response === undefined && line.type === 'response_item' ? now.counted : undefined;
}

/** The API response that is being written; opened by its first part. Returns its operation key. */
export function openResponse(scene: Scene): string {
  const now = scene.state;
  const late = lateResponse(scene);
  if (late !== undefined) return late.key;
  // A count may be missing: that the model has been given a tool's output shows a new request as well.
  if (now.response !== undefined && now.answered) closeResponse(scene);
  if (now.response === undefined) {
    const turn = now.turn;
    const number = turn === undefined ? ++now.looseResponses : ++turn.responses;
    now.response = {
      key: `llm:${turn?.id ?? '-'}/${number}`,
      startedAt: now.inputAt ?? scene.line.atMicros,
      inputs: now.inputs,
      outputs: [],
      compacted: now.compacted,
    };
    now.inputs = [];
    now.compacted = undefined;
    now.answered = false;
  }
  now.response.lastAt = scene.line.atMicros;
  now.response.lastBasis = scene.line.timeBasis;
  now.response.silent = (now.response.silent ?? 0) + 1;
  return now.response.key;
}

/** States what is there of the open response; the statement of its end, a later revision, replaces this one. */
export function stateSoFar(scene: Scene): void {
  const { response, countsTokens, namesTurns } = scene.state;
  if (response === undefined) return;
  const { outputs, silent = 0 } = response;
  // Who names turns counts tokens too, though the first count may not have come yet.
  const usage_follows = countsTokens || namesTurns ? true : undefined;
  const more = silent === 0 ? '' : `/${silent}`;
  stateResponse(scene, `/so-far/${outputs.length}${more}`, { usage_follows });
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

function stateResponse(scene: Scene, suffix: string, facts: Facts, atMicros?: number): void {
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
      compacted: open.compacted,
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
    const { counted } = scene.state;
    const asks = entry.startsWith('tool_call:');
    state(scene, 'llm_response', {
      eventId: `${late.key}/late/${entry}`,
      operationKey: late.key,
      parentKey: turnKey(scene),
      facts: { outputs: [entry], revision: 2, answers: asks ? undefined : counted?.answers },
      atMicros: late.endedAt,
    });
    if (counted?.key === late.key)
      scene.state.counted = { ...counted, addedAt: scene.line.atMicros };
    return;
  }
  const { response } = scene.state;
  if (response === undefined || response.outputs.includes(entry)) return;
  if (response.outputs.length >= MAX_REFERENCES) return;
  response.outputs.push(entry);
  response.silent = 0;
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

/**
 * Versions of 2025 write a counted response's parts in one burst, each call with its output behind it: only the burst's
 * end shows that the model was given the outputs. `counted`: what it was before the output was read.
 */
export function stayInBurst({ state: now, line }: Scene, counted: CodexState['counted']): void {
  if (counted?.addedAt !== undefined)
    now.counted = { ...counted, addedAt: line.atMicros, given: true };
}

/** After outputs, a line of another kind or time belongs to what comes next. */
export function leaveBurst({ state: now, line }: Scene): void {
  const { given, addedAt = 0 } = now.counted ?? {};
  if (given !== true) return;
  if (line.type !== 'response_item' || line.atMicros - addedAt > BURST_MICROS)
    now.counted = undefined;
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
  const late = lateResponse(scene);
  state(scene, 'llm_response', {
    eventId: `reasoning/${name}`,
    operationKey: llm,
    parentKey: turnKey(scene),
    facts: {
      request_model: scene.state.model,
      requested_at_us: scene.state.response?.startedAt,
      answers: late?.answers,
    },
    contents: [plainContent('reasoning', text)],
    atMicros: late?.endedAt,
  });
  addOutput(scene, `reasoning:${llm}`);
}
