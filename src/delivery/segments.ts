import type { DeliverableSpan, DeliverableTrace } from './deliverable-trace.ts';
import type { DeliveryState, Ledger, Profile, Segment } from './ports.ts';

/** A segment with something due, and where to continue sending it. */
export interface DuePart {
  readonly segment: Segment;
  readonly state: DeliveryState;
}

/** State of a trace of which nothing has been sent. */
export function freshState(profile: Profile): DeliveryState {
  return {
    profile,
    segment: 1,
    answered: 0,
    beyond: [],
    complete: false,
    accepted: 0,
    rejected: 0,
    refused: 0,
  };
}

/** The segment after the known ones: everything up to the newest fact. */
export function nextSegment(known: readonly Segment[], newestSeq: number): Segment {
  const afterSeq = known.at(-1)?.throughSeq ?? 0;
  return { n: known.length + 1, afterSeq, throughSeq: newestSeq, factsThrough: newestSeq };
}

/** True when facts came about operations that were settled before; new operations are no such facts. */
export function isChanged<S extends DeliverableSpan>(
  { root, newestSeq }: DeliverableTrace<S>,
  segments: readonly Segment[],
  ledger: Ledger,
): boolean {
  const known = segments.at(-1)?.factsThrough ?? newestSeq;
  return (
    segments.some(({ factsThrough }) => factsThrough < newestSeq) &&
    ledger.hasLateFacts(root, known, newestSeq)
  );
}

/** Segments not completely answered for yet, in order. */
export function dueParts(segments: readonly Segment[], state: DeliveryState): DuePart[] {
  const parts: DuePart[] = [];
  for (const segment of segments) {
    if (segment.n < state.segment || (segment.n === state.segment && state.complete)) continue;
    const begun = segment.n === state.segment;
    const place = begun ? {} : { segment: segment.n, answered: 0, beyond: [], complete: false };
    parts.push({ segment, state: { ...state, ...place } });
  }
  return parts;
}
