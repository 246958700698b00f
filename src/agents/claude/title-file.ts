import { join } from 'node:path';
import type { EventDraft } from '../../session/event.ts';
import { SESSION_KEY } from '../../session/identifiers.ts';
import type { SourceContext } from '../agent.ts';
import { objectOf, textOf } from '../json-values.ts';
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
  const title = titleIn(
    context.sidecars.read(join(context.path.replace(/\.jsonl$/i, ''), 'custom-title.json')),
  );
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

function titleIn(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  try {
    return textOf(objectOf(JSON.parse(text))?.customTitle)?.slice(0, LONGEST_TITLE);
  } catch {
    return undefined; // half written: the next reading finds it
  }
}
