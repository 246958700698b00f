import type { SourceContext } from '../agent.ts';
import { type HeldLines, heldLinesOf, heldRecords } from '../held-lines.ts';
import { countOf, type JsonObject, labelOf, objectOf, textOf } from '../json-values.ts';
import { microsOfMillis } from '../timestamps.ts';
import type { MessageRecord } from './message-record.ts';
import { millisOfId } from './timed-ids.ts';

/** How long an answer may take until its first line, in milliseconds. */
const LONGEST_WAIT = 3_600_000;
const NO_TOKENS = { input: 0, output: 0 };

/** Most parts of a message, and most characters of its lines, that are held at once. */
const MAX_PARTS = 5000;
const MOST_CHARACTERS = 128 * 1024 * 1024;

/** The lines of one message so far. Only their numbers are kept between readings. */
export interface Printed extends HeldLines {
  readonly id: string;
  readonly createdMillis: number;
  through: number;
  readonly parts: { readonly data: JsonObject; readonly atMillis: number }[];
  lastMillis: number;
  /** Characters of the lines. */
  size: number;
  error?: unknown;
}

/** A message of which the first line, number `line`, was printed at `atMillis`, in milliseconds. */
export function freshMessage(id: string, atMillis: number, line: number): Printed {
  // The first line is printed when the first words arrive; the message's id dates from the request.
  const asked = millisOfId(id, atMillis) ?? atMillis;
  const isNear = asked <= atMillis && asked >= atMillis - LONGEST_WAIT;
  return {
    id,
    createdMillis: isNear ? asked : atMillis,
    from: line,
    through: line,
    parts: [],
    lastMillis: atMillis,
    size: 0,
  };
}

/** Adds a part that a line of `size` characters holds. False if the message has too many. */
export function addPart(
  message: Printed,
  part: JsonObject,
  atMillis: number,
  size: number,
): boolean {
  if (message.parts.length >= MAX_PARTS || message.size + size > MOST_CHARACTERS) return false;
  message.parts.push({ data: partOfLine(part), atMillis });
  message.lastMillis = atMillis;
  message.size += size;
  return true;
}

/** Notes the error that broke the answer off. False if the answer had ended before. */
export function breakOff(message: Printed, error: unknown, atMillis: number): boolean {
  if (isFinished(message)) return false;
  message.error ??= error;
  message.lastMillis = atMillis;
  return true;
}

/** The message whose lines an earlier reading stopped in. */
export function savedMessage(value: unknown, context: SourceContext): Printed | undefined {
  const saved = objectOf(value);
  const id = textOf(saved?.id);
  const held = heldLinesOf(saved);
  if (id === undefined || held === undefined) return undefined;
  const createdMillis = countOf(saved?.createdMillis) ?? 0;
  const message = { ...freshMessage(id, createdMillis, held.from), ...held };
  for (const line of heldRecords(context, held)) {
    const part = objectOf(line.part);
    const atMillis = countOf(line.timestamp) ?? message.lastMillis;
    const size = JSON.stringify(line).length;
    if (line.type === 'error') breakOff(message, line.error, atMillis);
    else if (part?.messageID === id) addPart(message, part, atMillis, size);
  }
  return message;
}

/** Whether the message's answer was printed to its end. */
function isFinished({ parts }: Printed): boolean {
  return parts.some(({ data }) => data.type === 'step-finish');
}

/** The message as a database holds it. `parent`: the message whose turn it belongs to. */
export function recordOf(printed: Printed, parent: string, settled: boolean): MessageRecord {
  const { id, createdMillis, lastMillis, parts, error } = printed;
  const finish = parts.findLast(({ data }) => data.type === 'step-finish');
  const isOfModel = parts.some(({ data }) => /^step-/.test(textOf(data.type) ?? ''));
  const completed = finish?.atMillis ?? (error === undefined ? undefined : lastMillis);
  return {
    id,
    data: {
      role: 'assistant',
      parentID: parent,
      time: { created: createdMillis, completed },
      finish: finish?.data.reason,
      error,
      tokens: isOfModel ? undefined : NO_TOKENS,
    },
    parts: parts.map(({ data, atMillis }, index) => ({
      id: labelOf(data.id, 200) ?? `${id}/${index}`,
      data,
      createdMicros: microsOfMillis(atMillis),
      updatedMillis: lastMillis,
    })),
    createdMicros: microsOfMillis(createdMillis) ?? 0,
    updatedMillis: lastMillis,
    settled,
  };
}

/**
 * A part as a database of 1.x holds it. For calls, version 2 prints the id of the part under another name, and inside
 * `metadata` what the tool itself reported.
 */
function partOfLine(part: JsonObject): JsonObject {
  const state = objectOf(part.state);
  if (part.type !== 'tool' || state === undefined) return part;
  const isSecond = part.partID !== undefined;
  const told = objectOf(state.metadata);
  return {
    ...part,
    id: isSecond ? part.partID : part.id,
    callID: isSecond ? part.id : part.callID,
    state: {
      ...state,
      title: state.title === part.tool ? undefined : state.title,
      metadata: objectOf(told?.metadata) ?? objectOf(told?.structured) ?? told,
    },
  };
}
