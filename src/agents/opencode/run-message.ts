import { countOf, type JsonObject, labelOf, listOf, objectOf, textOf } from '../json-values.ts';
import { microsOfMillis } from '../timestamps.ts';
import type { MessageRecord } from './message-record.ts';
import { millisOfId } from './timed-ids.ts';

/** How long an answer may take until its first line, in milliseconds. */
const LONGEST_WAIT = 3_600_000;
const NO_TOKENS = { input: 0, output: 0 };

/** The lines of one message so far. */
export interface Printed {
  readonly id: string;
  readonly createdMillis: number;
  readonly parts: { readonly data: JsonObject; readonly atMillis: number }[];
  lastMillis: number;
  /** Characters of the lines. */
  size: number;
  error?: unknown;
}

/** A message of which the first line was printed at `atMillis`, in milliseconds. */
export function freshMessage(id: string, atMillis: number): Printed {
  // The first line is printed when the first words arrive; the message's id dates from the request.
  const asked = millisOfId(id, atMillis) ?? atMillis;
  const isNear = asked <= atMillis && asked >= atMillis - LONGEST_WAIT;
  return {
    id,
    createdMillis: isNear ? asked : atMillis,
    parts: [],
    lastMillis: atMillis,
    size: 0,
  };
}

/** What a reader's state says about a message; undefined if there is none. */
export function savedMessage(value: unknown): Printed | undefined {
  const saved = objectOf(value);
  const id = textOf(saved?.id);
  if (saved === undefined || id === undefined) return undefined;
  return {
    id,
    createdMillis: countOf(saved.createdMillis) ?? 0,
    parts: listOf(saved.parts).map((part) => ({
      data: objectOf(objectOf(part)?.data) ?? {},
      atMillis: countOf(objectOf(part)?.atMillis) ?? 0,
    })),
    lastMillis: countOf(saved.lastMillis) ?? 0,
    size: countOf(saved.size) ?? 0,
    error: saved.error,
  };
}

/** Whether the message's answer was printed to its end. */
export function isFinished({ parts }: Printed): boolean {
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
export function partOfLine(part: JsonObject): JsonObject {
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
