import type { TimedSpan } from '../exporters/encoder.ts';
import type { Profile, Segment } from './ports.ts';

/** A recorded trace as delivery sees it. */
export interface DeliverableTrace {
  /** The store's number of the trace. */
  readonly root: number;
  readonly sessionId: string;
  /** Position of its newest fact. */
  readonly newestSeq: number;
  /** Something may still be going on; only what was settled before is sent. */
  readonly running: boolean;
  /** What it is sent with unless it was begun with something else. */
  readonly profile: Profile;
  /** Operations began after the position, so that a further segment is due. */
  hasNewOperations(afterSeq: number): boolean;
  /** The segment's spans in their fixed order, its root last. */
  spans(segment: Segment, profile: Profile): Iterable<TimedSpan>;
}
