import { plainContent } from '../drafts.ts';
import { labelOf, objectOf, shapeName, textOf } from '../json-values.ts';
import { microsOfMillis } from '../timestamps.ts';
import { errorFacts, errorText, retryFacts, turnOutcome } from './failures.ts';
import type { MessageRecord, PartRecord } from './message-record.ts';
import { cutOf, isCut } from './overflow.ts';
import { type Conversation, opens, state } from './scene.ts';
import { type Step, splitSteps } from './steps.ts';
import { answerUsage, costFact, hasTokens } from './tokens.ts';
import { stateTool, timesOf } from './tools.ts';
import { stateUser } from './user-message.ts';

const KNOWN_PARTS = new Set([
  'text',
  'reasoning',
  'tool',
  'step-start',
  'step-finish',
  'file',
  'patch',
  'snapshot',
  'agent',
  'subtask',
  'retry',
  'compaction',
]);

const CONTENT = new Set(['text', 'reasoning', 'tool']);

/** States a message. Returns the name of an unknown part type, if any. */
export function stateMessage(talk: Conversation, message: MessageRecord): string | undefined {
  const role = message.data.role;
  if (role === 'user') stateUser(talk, message);
  else if (role === 'assistant') stateAssistant(talk, message);
  else return shapeName(role);
  talk.cut = cutOf(talk, message);
  const odd = message.parts.find((part) => !KNOWN_PARTS.has(textOf(part.data.type) ?? ''));
  return odd === undefined ? undefined : shapeName(odd.data.type);
}

function stateAssistant(talk: Conversation, message: MessageRecord): void {
  const parent = labelOf(message.data.parentID, 200);
  if (parent !== undefined && message.inTurn !== true) answerTo(talk, parent, message);
  if (isOfUser(message)) {
    for (const part of message.parts) stateCall(talk, message, part, undefined);
  } else {
    const steps = splitSteps(message);
    // Tokens and cost of the message apply to its only step, or to the last one if no step has its own.
    const isForLastStep = steps.length === 1 || steps.every(({ finish }) => finish === undefined);
    for (const step of steps) stateStep(talk, message, step, isForLastStep && step.last);
  }
  if (message.inTurn !== true) stateTurnEnd(talk, message);
}

/** Continues the turn of a prompt. If the prompt is missing, its turn began no later than its first answer. */
export function answerTo(
  talk: Conversation,
  prompt: string,
  { id, createdMicros }: Pick<MessageRecord, 'id' | 'createdMicros'>,
): void {
  const turn = `turn:${prompt}`;
  talk.turn = turn;
  if (!opens(talk, turn)) return;
  state(talk, 'turn_start', {
    eventId: `${id}/turn`,
    operationKey: turn,
    atMicros: createdMicros,
    timeBasis: 'inferred',
    revision: 0,
  });
}

/**
 * A command or subtask that the user started is written as an answer without a model: only calls, no step, zero tokens.
 */
function isOfUser({ data, parts }: MessageRecord): boolean {
  const onlyCalls = parts.length > 0 && parts.every((part) => part.data.type === 'tool');
  return onlyCalls && objectOf(data.tokens) !== undefined && !hasTokens(data.tokens);
}

/**
 * One API call: the parts between two step marks, or all of them if there are no marks. `told`: the message's usage
 * applies to it.
 */
function stateStep(talk: Conversation, message: MessageRecord, step: Step, told: boolean): void {
  const { data, updatedMillis } = message;
  const inputs = talk.inputs;
  talk.inputs = [];
  const outputs: string[] = [];
  for (const part of step.parts) statePart(talk, message, step, part, outputs);
  const finish = step.finish?.data;
  const tokens = finish?.tokens ?? (told ? data.tokens : undefined);
  // An interrupted answer has a completion time too.
  const finished =
    finish?.tokens !== undefined ||
    (step.endMicros !== undefined && data.error === undefined && !isCut(message));
  const last = step.last;
  const facts = {
    request_model: labelOf(data.modelID, 200) ?? labelOf(objectOf(data.model)?.modelID, 200),
    provider: labelOf(data.providerID, 100) ?? labelOf(objectOf(data.model)?.providerID, 100),
    stop_reason: labelOf(finish?.reason, 60) ?? (last ? labelOf(data.finish, 60) : undefined),
    cost_usd: costFact(finish?.cost ?? (told ? data.cost : undefined)),
    compacted: data.summary === true ? true : undefined,
    ...answerUsage(tokens, finished),
    ...(last ? errorFacts(data.error) : {}),
    ...retriesOf(step),
    inputs,
    outputs,
  };
  const ended =
    step.endMicros ?? (message.settled || data.error !== undefined ? step.lastMicros : undefined);
  const fact = {
    eventId: `${step.key}/${ended === undefined ? 'open' : 'end'}`,
    operationKey: step.key,
    revision: updatedMillis,
  };
  if (ended === undefined) {
    state(talk, 'llm_request', { ...fact, atMicros: step.startMicros, facts });
    return;
  }
  const timed = step.endMicros !== undefined;
  state(talk, 'llm_response', {
    ...fact,
    atMicros: Math.max(ended, step.startMicros),
    timeBasis: timed ? 'recorded' : 'inferred',
    facts: {
      ...facts,
      duration_us: timed ? Math.max(0, ended - step.startMicros) : undefined,
      requested_at_us: step.startMicros,
    },
    contents: [last ? plainContent('error', errorText(data.error)) : undefined],
  });
}

function retriesOf(step: Step) {
  const retry = step.parts.findLast((part) => part.data.type === 'retry');
  return retryFacts(retry?.data);
}

function statePart(
  talk: Conversation,
  message: MessageRecord,
  step: Step,
  part: PartRecord,
  outputs: string[],
): void {
  const { data } = part;
  const recorded = timesOf(data.time, 'start', 'end');
  const at = recorded.end ?? part.createdMicros ?? step.endMicros ?? message.createdMicros;
  const atMicros = at < message.createdMicros - 3_600_000_000 ? message.createdMicros : at;
  const text = textOf(data.text);
  if (
    data.type === 'text' &&
    text !== undefined &&
    data.synthetic !== true &&
    data.ignored !== true
  ) {
    stateText(talk, message, step, part, { text, atMicros }, outputs);
  } else if (data.type === 'reasoning' && text !== undefined) {
    // The reasoning texts of a call add up, so one that may still grow has to wait.
    const isOpen = !message.settled && step.endMicros === undefined;
    if (recorded.end === undefined && isOpen) return;
    // It ends the thinking and not the call.
    state(talk, isOpen ? 'llm_request' : 'llm_response', {
      eventId: `${part.id}/reasoning`,
      operationKey: step.key,
      atMicros,
      facts: { requested_at_us: step.startMicros },
      contents: [plainContent('reasoning', text)],
      revision: 0,
    });
    if (!outputs.includes(`reasoning:${step.key}`)) outputs.push(`reasoning:${step.key}`);
  } else if (data.type === 'tool') {
    outputs.push(`tool_call:${stateCall(talk, message, part, step.key)}`);
  }
}

/** A call requested by the answer `llm`, or by the user. Returns the call's operation key. */
function stateCall(
  talk: Conversation,
  message: MessageRecord,
  { id, data, createdMicros, updatedMillis }: PartRecord,
  llm: string | undefined,
): string {
  const tool = objectOf(data.state) ?? {};
  const times = timesOf(tool.time, 'start', 'end');
  return stateTool(talk, {
    recordId: id,
    callId: labelOf(data.callID, 300) ?? id,
    name: labelOf(data.tool, 300) ?? 'unknown',
    state: tool,
    startMicros: times.start,
    createdMicros,
    endMicros: times.end,
    messageMicros: message.createdMicros,
    llm,
    revision: updatedMillis,
  });
}

function stateText(
  talk: Conversation,
  message: MessageRecord,
  step: Step,
  part: PartRecord,
  said: { text: string; atMicros: number },
  outputs: string[],
): void {
  if (message.data.summary === true) {
    const parent = labelOf(message.data.parentID, 200) ?? message.id;
    state(talk, 'compaction', {
      eventId: `${part.id}/summary`,
      operationKey: `compaction:${parent}`,
      atMicros: said.atMicros,
      contents: [plainContent('summary', said.text)],
      revision: part.updatedMillis,
    });
    return;
  }
  const key = `response:${message.id}/${step.texts.get(part)}`;
  state(talk, 'response', {
    eventId: `${part.id}/text`,
    operationKey: key,
    atMicros: said.atMicros,
    // Words of an answer that has no end may be half of it.
    facts: { llm: step.key, answers: step.endMicros === undefined ? false : undefined },
    contents: [plainContent('text', said.text)],
    revision: part.updatedMillis,
  });
  outputs.push(`text:${key}`);
}

/**
 * Why an answer ended. Earlier versions gave no reason; an answer that ends in a call of the model is not the last of
 * its turn.
 */
function finishOf(message: MessageRecord): string {
  const content = message.parts.filter(({ data }) => CONTENT.has(textOf(data.type) ?? ''));
  return !isOfUser(message) && content.at(-1)?.data.type === 'tool' ? 'tool-calls' : 'stop';
}

function stateTurnEnd(talk: Conversation, message: MessageRecord): void {
  const completed = microsOfMillis(objectOf(message.data.time)?.completed);
  const isOver = completed !== undefined && !isCut(message);
  const finish = message.data.finish ?? (isOver ? finishOf(message) : undefined);
  const outcome = turnOutcome(finish, message.data.error);
  if (outcome === undefined || talk.turn === undefined) return;
  state(talk, 'turn_end', {
    eventId: `${message.id}/turn-end`,
    operationKey: talk.turn,
    atMicros: completed ?? message.createdMicros,
    facts: { outcome },
    revision: message.updatedMillis,
  });
}
