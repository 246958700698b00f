import type { TimedSpan } from '../exporters/encoder.ts';
import type { SessionEvent } from '../session/event.ts';
import type { Operation } from '../session/operation.ts';
import type { SessionTotals } from '../session/session.ts';

/** Makes the spans of one segment of a trace. */
export interface SegmentSpans {
  operation(operation: Operation): readonly TimedSpan[];
  finish(totals: SessionTotals): readonly TimedSpan[];
}

/** What following one trace needs from the store and the rooms before the mapper. */
export interface LiveTracePorts {
  /** Most facts of a page. */
  readonly pageEvents: number;
  /** Facts after the position, oldest first, a page at most; fewer when there are no more. */
  read(afterSeq: number): readonly { readonly event: SessionEvent; readonly firstSeq: number }[];
  /** Number and start of the segment that is being recorded. */
  openSegment(): { readonly n: number; readonly afterSeq: number };
  /** Where the segment was closed, by whoever follows or sends the trace; undefined while it is open. */
  closedThrough(n: number): number | undefined;
  /** Operations of the segment settled so far, in order, after the given place in it; empty at the end. */
  settledAfter(n: number, ordinal: number): readonly SettledOperation[];
  /** Where an operation was settled; undefined when it is open. */
  settledThrough(operationId: string): number | undefined;
  /**
   * Called by `write`, before the operations' spans are handed out; on the disk once a ledger's `save` has returned. What
   * was settled before stays as it is.
   */
  settle(n: number, operations: readonly string[], throughSeq: number): void;
  /** Called by `write`: settles the whole segment, its root is final. */
  closeSegment(n: number, throughSeq: number): void;
  process(operation: Operation): Operation;
  totals(totals: SessionTotals): SessionTotals;
  spans(n: number): SegmentSpans;
}

export interface SettledOperation {
  readonly ordinal: number;
  readonly operation: string;
  readonly throughSeq: number;
}

export interface LiveTraceOptions {
  readonly root: number;
  readonly rootSession: string;
  /** A call without an end counts as complete after this long without facts, in milliseconds. */
  readonly quietMillis: number;
  /** Turns and subagents wait this long for stragglers. */
  readonly containerMillis: number;
  /** The root is sent when nothing came for this long. */
  readonly idleMillis: number;
  /** Spans kept in memory for destinations that keep up; one that falls behind reads the store again. */
  readonly keptSpans?: number | undefined;
  /** Position of the newest fact when this run began: no earlier run can have settled anything through a later one. */
  readonly startedAtSeq?: number | undefined;
  /** Called once for each operation; `isKnown`: it was settled before this run. */
  readonly onOperation?: ((operation: Operation, isKnown: boolean) => void) | undefined;
}
