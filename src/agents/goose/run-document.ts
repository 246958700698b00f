import type { SourceContext, WholeSource } from '../agent.ts';
import { listOf, objectOf } from '../json-values.ts';
import { readWhole } from './exported-session.ts';
import { sessionOfRun } from './run-detection.ts';
import { microsOfCreated } from './scene.ts';

/** Reads the output of `goose run --output-format json`: the conversation, with the session's tokens. */
export function readRun(value: unknown, context: SourceContext): WholeSource {
  const document = objectOf(value);
  const messages = listOf(document?.messages);
  const began = microsOfCreated(objectOf(messages[0])?.created) ?? 0;
  const session = {
    conversation: messages,
    accumulated_usage: objectOf(document?.metadata),
    created_at: new Date(began / 1000).toISOString(),
  };
  return readWhole(session, sessionOfRun(messages), context);
}
