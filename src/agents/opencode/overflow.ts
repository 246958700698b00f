import { objectOf, textOf } from '../json-values.ts';
import { microsOfMillis } from '../timestamps.ts';
import type { MessageRecord } from './message-record.ts';
import { type Conversation, state } from './scene.ts';
import { hasTokens } from './tokens.ts';

const GIVEN = new Set(['text', 'reasoning', 'tool', 'step-finish']);

/** Whether an answer ended without a reason and without output: 1.x leaves it so when the context overflows. */
export function isCut({ data, parts }: MessageRecord): boolean {
  return (
    textOf(data.finish) === undefined &&
    objectOf(data.error) === undefined &&
    microsOfMillis(objectOf(data.time)?.completed) !== undefined &&
    !hasTokens(data.tokens) &&
    !parts.some((part) => GIVEN.has(textOf(part.data.type) ?? ''))
  );
}

/** What is remembered about a message whose answer was cut off; undefined for any other. */
export function cutOf(talk: Conversation, message: MessageRecord): Conversation['cut'] {
  const atMicros = microsOfMillis(objectOf(message.data.time)?.completed);
  if (message.data.role !== 'assistant' || atMicros === undefined || !isCut(message))
    return undefined;
  const end = Math.max(atMicros, message.createdMicros);
  return { key: `llm:${message.id}`, turn: talk.turn, atMicros: end };
}

/** The compaction `id` explains why the answer before it was cut off. */
export function stateOverflow(talk: Conversation, id: string, revision: number): void {
  if (talk.cut === undefined) return;
  const { key, turn, atMicros } = talk.cut;
  state(talk, 'llm_response', {
    eventId: `${id}/overflow`,
    operationKey: key,
    parentKey: turn,
    atMicros,
    facts: { error_type: 'ContextOverflowError' },
    revision,
  });
}
