import { join } from 'node:path';
import type { EventDraft } from '../../session/event.ts';
import { SESSION_KEY } from '../../session/identifiers.ts';
import type { SourceContext } from '../agent.ts';
import { objectOf, parsedJson, textOf } from '../json-values.ts';
import type { Memory } from './memory.ts';

const LONGEST_TITLE = 4096;

/** The name that a person gave the session, from the file in its folder; nothing if the transcript has it. */
export function titleBeside(
  context: SourceContext,
  memory: Memory,
  session: string,
): readonly EventDraft[] {
  if (!memory.started || memory.atMicros === undefined) return [];
  if (context.detection.subagent === true || memory.titleRank >= 3) return [];
  const file = join(context.path.replace(/\.jsonl$/i, ''), 'custom-title.json');
  // If it is half written, the next reading finds it.
  const value = objectOf(parsedJson(context.sidecars.read(file) ?? ''));
  const title = textOf(value?.customTitle)?.slice(0, LONGEST_TITLE);
  if (title === undefined) return [];
  return [
    {
      session,
      lane: '',
      kind: 'session_info',
      capture: 'transcript',
      eventId: `custom-title/${context.nameOf(title)}@${memory.atMicros}`,
      operationKey: SESSION_KEY,
      atMicros: memory.atMicros,
      timeBasis: 'inferred',
      facts: { title },
    },
  ];
}
