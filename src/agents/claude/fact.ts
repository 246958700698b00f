import type { ContentDraft, EventDraft, EventKind, Facts } from '../../session/event.ts';
import type { Verdict } from '../agent.ts';
import { shortFacts } from '../drafts.ts';
import { type Line, lineId, lineOwnKey, placeId } from './line.ts';

/** An event without its session and time, which are those of the line. */
export interface Fact {
  readonly kind: EventKind;
  readonly eventId: string;
  readonly key: string;
  readonly parent?: string | undefined;
  /** Only if it differs from the line's. */
  readonly lane?: string | undefined;
  readonly atMicros?: number | undefined;
  readonly facts?: Facts | undefined;
  readonly contents?: readonly ContentDraft[] | undefined;
  /** Only if it differs from the line's; null for facts that belong to this session alone. */
  readonly ownKey?: string | null | undefined;
}

/** Result of reading one line. */
export interface LineResult {
  readonly verdict: Verdict;
  readonly facts: readonly Fact[];
  readonly shape?: string | undefined;
}

export const IGNORED: LineResult = { verdict: 'ignored', facts: [] };

/** Facts of a line that was understood; no facts means that it was left out on purpose. */
export function parsed(facts: readonly Fact[]): LineResult {
  return facts.length === 0 ? IGNORED : { verdict: 'parsed', facts };
}

/** A line of unknown shape: kept whole as a notice, and named `shape` in the report. */
export function unknown(line: Line, shape: string, facts: readonly Fact[] = []): LineResult {
  const id = placeId(line);
  const kept: Fact = {
    kind: 'notice',
    eventId: id,
    key: `notice:${id}`,
    facts: { name: 'unknown_record', level: 'info', shape: shape.slice(0, 120) },
    contents: [text('text', line.text)],
  };
  return { verdict: 'unknown', facts: [...facts, kept], shape: shape.slice(0, 120) };
}

/** A notice about a line; `said` is its text, if it has one worth keeping. */
export function notice(line: Line, facts: Facts & { name: string }, said?: string): Fact {
  const id = `${lineId(line)}/${facts.name}`;
  const contents = said === undefined ? undefined : [text('text', said)];
  return { kind: 'notice', eventId: id, key: `notice:${id}`, facts, contents };
}

/** A plain text content. */
export function text(name: ContentDraft['name'], value: string): ContentDraft {
  return { name, text: value, media: 'text/plain' };
}

/** A structured content, serialised with `JSON.stringify`. */
export function json(name: ContentDraft['name'], value: unknown): ContentDraft {
  return { name, text: JSON.stringify(value ?? null), media: 'application/json' };
}

/** Completes a fact with the session, time and lane of its line. */
export function draftOf(fact: Fact, line: Line, session: string): EventDraft {
  return {
    session,
    lane: fact.lane ?? line.lane,
    kind: fact.kind,
    capture: 'transcript',
    eventId: fact.eventId,
    operationKey: fact.key,
    parentKey: fact.parent,
    atMicros: fact.atMicros ?? line.atMicros,
    timeBasis: line.timeBasis,
    facts: fact.facts === undefined ? {} : shortFacts(fact.facts),
    contents: fact.contents,
    ownKey: fact.ownKey === undefined ? lineOwnKey(line) : (fact.ownKey ?? undefined),
  };
}
