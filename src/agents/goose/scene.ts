import type { ContentDraft, EventDraft, EventKind, Facts } from '../../session/event.ts';
import type { SourceContext } from '../agent.ts';
import type { Origin } from '../drafts.ts';
import { revisedDraft } from '../revised.ts';

const MAX_REFERENCES = 500;

/** One session while its messages are read in order. */
export interface Conversation extends Pick<SourceContext, 'nameOf'> {
  readonly origin: Origin;
  turn: string | undefined;
  /** Operation key of the API response that the last assistant message belongs to. */
  llm: string | undefined;
  inputs: string[];
  /** Time of the newest thing the model was given. */
  inputAt: number;
  /** Operation keys of calls by their native id. */
  calls: Map<string, string>;
  /** Digests of the reasoning texts of the open response: a response that was split repeats them. */
  thoughts: string[];
  readonly out: EventDraft[];
}

export function startConversation(origin: Origin, nameOf: SourceContext['nameOf']): Conversation {
  return {
    origin,
    nameOf,
    turn: undefined,
    llm: undefined,
    inputs: [],
    inputAt: 0,
    calls: new Map(),
    thoughts: [],
    out: [],
  };
}

export interface Statement {
  readonly eventId: string;
  readonly operationKey: string;
  readonly parentKey?: string | undefined;
  readonly atMicros: number;
  readonly facts?: Facts;
  readonly contents?: readonly (ContentDraft | undefined)[];
}

export function state(talk: Conversation, kind: EventKind, statement: Statement): void {
  const parentKey = statement.parentKey ?? (kind === 'turn_start' ? undefined : talk.turn);
  const fields = { ...statement, parentKey, timeBasis: 'recorded' as const };
  talk.out.push(revisedDraft(talk.origin, kind, fields, { revision: 0, nameOf: talk.nameOf }));
}

export function addInput(talk: Conversation, entry: string, atMicros: number): void {
  talk.inputAt = atMicros;
  if (talk.inputs.length < MAX_REFERENCES && !talk.inputs.includes(entry)) talk.inputs.push(entry);
}
