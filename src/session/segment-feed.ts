import { operationKindOf, type SessionEvent } from './event.ts';
import { operationIdOf, subagentKey } from './identifiers.ts';
import type { Feed } from './replay.ts';

interface StoredEvent {
  readonly event: SessionEvent;
  readonly firstSeq: number;
  readonly lastSeq: number;
}

/** The part of a trace to fold: operations that began in (afterSeq, throughSeq], with facts up to factsThrough. */
export interface SegmentBounds {
  readonly afterSeq: number;
  readonly throughSeq: number;
  readonly factsThrough: number;
}

/** Pages of stored facts in store order: after the first position, up to and including the second. */
export type PageReader = (afterSeq: number, throughSeq: number) => readonly StoredEvent[];

/**
 * The facts of one segment, with each operation's last fact inside it. The order in which operations are completed
 * depends on these facts alone: if later facts could change it, a resumed export would skip spans other than those it
 * sent.
 */
export function segmentFeed(read: PageReader, bounds: SegmentBounds, newestSeq: number): Feed {
  const moved =
    newestSeq > bounds.factsThrough ? lastSeqsInside(read, bounds, newestSeq) : undefined;
  const isWhole =
    bounds.afterSeq === 0 && bounds.throughSeq === bounds.factsThrough && moved === undefined;
  if (isWhole) return { page: (afterSeq) => read(afterSeq, bounds.factsThrough) };
  return {
    page(afterSeq) {
      let from = Math.max(afterSeq, bounds.afterSeq);
      for (;;) {
        const page = read(from, bounds.factsThrough);
        const last = page.at(-1);
        if (last === undefined) return [];
        const inside = page.filter((stored) => belongs(stored, bounds));
        if (inside.length > 0) {
          return inside.map(({ event, lastSeq }) => ({
            event,
            lastSeq: moved?.get(event.operationId) ?? lastSeq,
          }));
        }
        from = last.event.seq;
      }
    },
  };
}

function belongs({ event, firstSeq }: StoredEvent, bounds: SegmentBounds): boolean {
  if (operationKindOf(event.kind) === 'session') return true;
  return firstSeq > bounds.afterSeq && firstSeq <= bounds.throughSeq;
}

/** Last fact inside the bounds, for operations that also have later facts. */
function lastSeqsInside(
  read: PageReader,
  bounds: SegmentBounds,
  newestSeq: number,
): Map<string, number> {
  const late = new Set<string>();
  scan(read, bounds.factsThrough, newestSeq, (event) => {
    late.add(event.operationId);
    for (const id of containersOf(event)) late.add(id);
  });
  const own = new Map<string, number>();
  const inside = new Map<string, number>();
  const containers = new Set<string>();
  scan(read, bounds.afterSeq, bounds.factsThrough, (event) => {
    const kind = operationKindOf(event.kind);
    if (late.has(event.operationId)) {
      own.set(event.operationId, event.seq);
      inside.set(event.operationId, event.seq);
      if (kind === 'turn' || kind === 'subagent') containers.add(event.operationId);
    }
    for (const id of containersOf(event)) if (late.has(id)) inside.set(id, event.seq);
  });
  for (const id of containers) own.set(id, inside.get(id)!);
  return own;
}

/** The turns and subagents that end no earlier than this fact. */
function containersOf(event: SessionEvent): string[] {
  const kind = operationKindOf(event.kind);
  const ids: string[] = [];
  if (event.parentOperationId !== undefined && kind !== 'turn' && kind !== 'subagent')
    ids.push(event.parentOperationId);
  if (event.lane !== '' && kind !== 'subagent')
    ids.push(operationIdOf(event.session, subagentKey(event.lane)));
  return ids;
}

function scan(
  read: PageReader,
  afterSeq: number,
  throughSeq: number,
  visit: (event: SessionEvent) => void,
): void {
  let from = afterSeq;
  for (;;) {
    const page = read(from, throughSeq);
    const last = page.at(-1);
    if (last === undefined) return;
    for (const { event } of page) visit(event);
    from = last.event.seq;
  }
}
