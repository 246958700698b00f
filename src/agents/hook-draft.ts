import type {
  ContentDraft,
  EventDraft,
  EventKind,
  Facts,
  FactValue,
  TimeBasis,
} from '../session/event.ts';
import type { HookCall } from './agent-hooks.ts';
import { draftOf, shortFacts } from './drafts.ts';
import type { JsonObject } from './json-values.ts';
import { writtenJson } from './written-json.ts';

/** A hook call and the place in the session that its facts belong to. */
export interface HookScene {
  readonly call: HookCall;
  readonly session: string;
  readonly rootSession?: string | undefined;
  /** Empty for the main agent, else the subagent's id. */
  readonly lane: string;
  /** Key of the turn, if the payload names it. */
  readonly turn: string | undefined;
}

export interface HookFields {
  /** Unique in the session; default: the call's own unique name. */
  readonly eventId?: string | undefined;
  readonly key: string;
  readonly parent?: string | undefined;
  readonly lane?: string | undefined;
  readonly atMicros?: number | undefined;
  /** `inferred` if the fact is reported at another time than the one at which it happened. */
  readonly timeBasis?: TimeBasis | undefined;
  readonly facts?: Facts | undefined;
  readonly contents?: readonly (ContentDraft | undefined)[] | undefined;
}

const MOST_FACTS = 40;

/** One fact from a hook; its time is when the hook was started. */
export function hookDraft(scene: HookScene, kind: EventKind, fields: HookFields): EventDraft {
  const origin = {
    session: scene.session,
    rootSession: scene.rootSession,
    lane: fields.lane ?? scene.lane,
    capture: 'hook',
  } as const;
  return draftOf(origin, kind, {
    eventId: fields.eventId ?? `hook/${scene.call.event}/${scene.call.unique}`,
    operationKey: fields.key,
    parentKey: fields.parent,
    atMicros: fields.atMicros ?? scene.call.atMicros,
    timeBasis: fields.timeBasis ?? 'received',
    facts: shortFacts(fields.facts ?? {}),
    contents: fields.contents,
  });
}

/** Parent of the hook's facts: the subagent, the turn, or the session. */
export function parentOf(scene: HookScene): string | undefined {
  return scene.lane === '' ? scene.turn : undefined;
}

/** How to record an event that belongs to no operation. */
export interface NoticeShape {
  /** Fields that are in every payload and say nothing about this event. */
  readonly leftOut: ReadonlySet<string>;
  /** Fields with text that people or models wrote: content, never a fact. */
  readonly texts: ReadonlySet<string>;
}

/** A notice: short values become facts; texts and structures become content. */
export function noticeDraft(
  scene: HookScene,
  name: string,
  shape: NoticeShape,
  fields: Partial<HookFields> & { level?: string } = {},
): EventDraft {
  const facts: { [name: string]: FactValue } = {};
  const rest: { [name: string]: unknown } = {};
  let count = 0;
  for (const [field, value] of Object.entries(scene.call.payload)) {
    if (shape.leftOut.has(field) || value === null || value === '' || count++ >= MOST_FACTS)
      continue;
    const isShort =
      typeof value === 'boolean' ||
      Number.isSafeInteger(value) ||
      (typeof value === 'string' && value.length <= 400);
    if (isShort && !shape.texts.has(field) && FACT_NAME.test(field))
      facts[field] = value as FactValue;
    else rest[field] = value;
  }
  const eventId = fields.eventId ?? `hook/${scene.call.event}/${scene.call.unique}`;
  return hookDraft(scene, 'notice', {
    eventId,
    key: fields.key ?? `notice:${eventId}`,
    parent: fields.parent ?? parentOf(scene),
    facts: { ...facts, name, level: fields.level ?? 'info', ...fields.facts },
    contents: [textOf(rest)],
  });
}

const FACT_NAME = /^[a-z][A-Za-z0-9_]{0,60}$/;

/** A single text stays as it is; several texts, and structures, become one JSON object. */
function textOf(rest: JsonObject): ContentDraft | undefined {
  const values = Object.values(rest);
  if (values.length === 0) return undefined;
  const only = values[0];
  if (values.length === 1 && typeof only === 'string')
    return { name: 'text', text: only, media: 'text/plain' };
  return {
    name: 'text',
    text: writtenJson(values.length === 1 ? only : rest),
    media: 'application/json',
  };
}

/** `PreToolUse` → `pre_tool_use`; `sessionStart` → `session_start`. */
export function snakeName(event: string): string {
  return event
    .replace(/(?<=[a-z0-9])[A-Z]/g, (letter) => `_${letter}`)
    .toLowerCase()
    .replace(/[^a-z0-9_]/g, '_')
    .slice(0, 60);
}
