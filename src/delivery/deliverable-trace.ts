import type { TimedSpan } from '../exporters/encoder.ts';
import type { Profile, Segment } from './ports.ts';

/** What delivery itself needs of a span; what is sent is the sender's business. */
export type DeliverableSpan = Pick<TimedSpan, 'name' | 'spanContext'>;

/** Spans in their order: all at once, each made when it is asked for, or in parts that come from elsewhere. */
export type SpanParts<S> = Iterable<Iterable<S>> | AsyncIterable<Iterable<S>>;

/** A recorded trace as delivery sees it. */
export interface DeliverableTrace<S extends DeliverableSpan = TimedSpan> {
  /** The store's number of the trace. */
  readonly root: number;
  readonly sessionId: string;
  /** Position of its newest fact. */
  readonly newestSeq: number;
  /** Something may still be going on; only what was settled before is sent. */
  readonly running: boolean;
  /** What it is sent with unless it was begun with something else. */
  readonly profile: Profile;
  /** It has not been deleted from the store meanwhile. */
  isKept(): boolean;
  /** Operations began after the position, so that a further segment is due. */
  hasNewOperations(afterSeq: number): boolean;
  /** The segment's spans in their fixed order, its root last; without one where the trace is deleted meanwhile. */
  spans(segment: Segment, profile: Profile): SpanParts<S>;
}
