import type { ContentDraft, EventDraft, EventKind, Facts } from '../../session/event.ts';
import { draftOf, type Origin, originOf as placeOf } from '../drafts.ts';
import type { JsonObject } from '../json-values.ts';
import type { SessionMeta } from './meta.ts';
import { knownKeyOf } from './pairing.ts';
import type { TraceState } from './state.ts';

/** One recorded event. */
export interface TraceRecord {
  readonly type: string;
  readonly id: string;
  readonly parentId: string | undefined;
  readonly atMicros: number;
  readonly timed: boolean;
  readonly durationMicros: number | undefined;
  readonly data: JsonObject;
}

export interface Scene {
  readonly state: TraceState;
  readonly meta: SessionMeta;
  readonly record: TraceRecord;
  readonly out: EventDraft[];
}

export function originOf(state: TraceState): Origin {
  return { ...placeOf(state), capture: 'import' };
}

/** States a fact at the record's time; its event id is the record's own, extended by what the fact says. */
export function state(
  scene: Scene,
  kind: EventKind,
  operationKey: string,
  facts: Facts,
  more: { contents?: readonly (ContentDraft | undefined)[]; parentKey?: string | undefined } = {},
): void {
  const { record } = scene;
  scene.out.push(
    draftOf(originOf(scene.state), kind, {
      eventId: `${kind}/${record.id}`,
      operationKey,
      parentKey: more.parentKey,
      atMicros: record.atMicros,
      timeBasis: record.timed ? 'recorded' : 'inferred',
      facts,
      contents: more.contents,
    }),
  );
}

/** Parent of a record: what its `parent_id` names, else the current turn. */
export function parentOf(scene: Scene, paired = false): string | undefined {
  const { state: now, record } = scene;
  const turn = now.turn === undefined ? undefined : `turn:${now.turn}`;
  if (record.parentId === undefined || paired) return turn;
  const kind = now.kinds.get(record.parentId);
  if (kind === 'session') return undefined;
  return kind === 'prompt' ? `turn:${record.parentId}` : knownKeyOf(now, record.parentId);
}
