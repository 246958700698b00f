import type { TimedSpan } from '../exporters/encoder.ts';
import type { Profile, Segment } from './ports.ts';

/** What delivery itself needs of a span; its encoding is up to the sender. */
export type DeliverableSpan = Pick<TimedSpan, 'name' | 'spanContext'>;

/** Spans in order: all at once, each made on demand, or in parts that come from elsewhere. */
export type SpanParts<S> = Iterable<Iterable<S>> | AsyncIterable<Iterable<S>>;

/** A recorded trace, as seen by delivery. */
export interface DeliverableTrace<S extends DeliverableSpan = TimedSpan> {
  /** Row number of the trace's root session. */
  readonly root: number;
  readonly sessionId: string;
  /** Position of its newest fact. */
  readonly newestSeq: number;
  /** True while the session may still be going on; only what was settled before is sent. */
  readonly running: boolean;
  /** Settings to send it with, unless its first sending used others. */
  readonly profile: Profile;
  /** True unless it has been deleted from the store. */
  isKept(): boolean;
  /** True once its events have turned out to be damaged in the store; its spans then end early. */
  isDamaged(): boolean;
  /** True when operations began after the position, so that a further segment is due. */
  hasNewOperations(afterSeq: number): boolean;
  /**
   * The segment's spans in their fixed order, with the root last, or without a root if the trace is deleted meanwhile or
   * damaged.
   */
  spans(segment: Segment, profile: Profile): SpanParts<S>;
}
