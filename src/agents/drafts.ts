import { createHash } from 'node:crypto';
import type {
  Capture,
  ContentDraft,
  ContentName,
  EventDraft,
  EventKind,
  Facts,
  TimeBasis,
} from '../session/event.ts';
import { subagentKey } from '../session/identifiers.ts';

/** What all facts of one recorded session have in common. */
export interface Origin {
  readonly session: string;
  /** Where the session is a subagent's: the root of its trace. */
  readonly rootSession?: string | undefined;
  readonly lane?: string | undefined;
  readonly capture: Capture;
}

export interface DraftFields {
  readonly eventId: string;
  readonly operationKey: string;
  /** Absent: the subagent's operation in a subagent's session, the session itself elsewhere. */
  readonly parentKey?: string | undefined;
  readonly atMicros: number;
  readonly timeBasis: TimeBasis;
  readonly facts?: Facts | undefined;
  readonly contents?: readonly (ContentDraft | undefined)[] | undefined;
  readonly ownKey?: string | undefined;
}

const OF_THE_SESSION: ReadonlySet<EventKind> = new Set([
  'session_start',
  'session_info',
  'session_end',
  'subagent_start',
  'subagent_info',
  'subagent_end',
]);

/** One fact. In a subagent's session whatever names no parent hangs under the subagent's operation. */
export function draftOf(origin: Origin, kind: EventKind, fields: DraftFields): EventDraft {
  const contents = fields.contents?.filter((content) => content !== undefined);
  const lane = origin.lane ?? '';
  const parentKey =
    fields.parentKey ?? (lane !== '' && !OF_THE_SESSION.has(kind) ? subagentKey(lane) : undefined);
  return {
    session: origin.session,
    rootSession: origin.rootSession,
    lane: origin.lane,
    kind,
    capture: origin.capture,
    eventId: fields.eventId,
    operationKey: fields.operationKey,
    parentKey,
    atMicros: fields.atMicros,
    timeBasis: fields.timeBasis,
    facts: fields.facts ?? {},
    contents: contents === undefined || contents.length === 0 ? undefined : contents,
    ownKey: fields.ownKey,
  };
}

/** A text content; undefined when there is no text. */
export function plainContent(
  name: ContentName,
  text: string | undefined,
): ContentDraft | undefined {
  return text === undefined || text === '' ? undefined : { name, text, media: 'text/plain' };
}

/** A structured content: strings that hold JSON stay as they are, values are written out once. */
export function jsonContent(name: ContentName, value: unknown): ContentDraft | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  if (typeof value !== 'string')
    return { name, text: JSON.stringify(value), media: 'application/json' };
  return { name, text: value, media: looksLikeJson(value) ? 'application/json' : 'text/plain' };
}

function looksLikeJson(text: string): boolean {
  const first = text.trimStart()[0];
  if (first !== '{' && first !== '[') return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** 16 hex digits that name a text: equal texts have equal names. For memory between lines only, never inside an id. */
export function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

/**
 * A record whose shape nobody knows: kept raw beside the session, so that nothing recorded is lost. `place` is its own id
 * or its position in the recording.
 */
export function unknownNotice(
  origin: Origin,
  record: { readonly place: string | number; readonly raw: string; readonly shape: string },
  at: { atMicros: number; timeBasis: TimeBasis },
): EventDraft {
  const { place, raw, shape } = record;
  const id = `unknown/${place}`;
  return draftOf(origin, 'notice', {
    eventId: id,
    operationKey: `notice:${id}`,
    ...at,
    facts: { name: 'unknown_record', level: 'info', shape },
    contents: [plainContent('text', raw)],
  });
}
