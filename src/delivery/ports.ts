/**
 * A part of a trace under a root span of its own. The first begins with the trace; each further one holds the
 * operations that began after the root before it had been sent. Positions are store sequence numbers.
 */
export interface Segment {
  /** 1 for the first; a higher one is continuation n - 1. */
  readonly n: number;
  /** Operations that began after this and up to `throughSeq` belong here. */
  readonly afterSeq: number;
  readonly throughSeq: number;
  /** Facts up to here are folded in; later ones are late until somebody sends with `--force`. */
  readonly factsThrough: number;
}

/** What a trace was first sent with. Later runs go on with it, so that its spans stay what they were. */
export interface Profile {
  readonly [name: string]: string | number | boolean | null;
}

/** How far one destination has taken one trace. It moves only after an answer. */
export interface DeliveryState {
  readonly profile: Profile;
  /** The segment that is being sent, or was last. */
  readonly segment: number;
  /** Spans of that segment that have been answered for, in the segment's fixed order. */
  readonly answered: number;
  /** Positions after that which have been answered for as well: a batch was being taken apart when sending stopped. */
  readonly beyond: readonly number[];
  /** That segment has been answered for, its root included. */
  readonly complete: boolean;
  readonly accepted: number;
  readonly rejected: number;
  readonly refused: number;
}

/** A span the destination refused for good. */
export interface RefusedSpan {
  readonly spanId: string;
  readonly status: number;
  readonly message: string;
}

/** What delivery needs from a store to remember what went where. `root` is the store's number of a trace. */
export interface Ledger {
  segments(root: number): readonly Segment[];
  /**
   * Settles everything that began since the segment before, for ever; on the disk once a `save` has returned. Changes nothing
   * where another process has closed the segment, or follows the trace and has settled something past `throughSeq` in it.
   */
  addSegment(root: number, n: number, throughSeq: number): void;
  /** Folds later facts into all segments of the trace (`--force`). */
  refold(root: number, factsThrough: number): void;
  load(
    destination: string,
    root: number,
    signal: string,
    format: string,
  ): DeliveryState | undefined;
  save(
    destination: string,
    root: number,
    signal: string,
    format: string,
    state: DeliveryState,
  ): void;
  /**
   * As `save`, for an answer that came: survives the end of the process, but not a power failure, after which the spans
   * are sent again. Waiting for the disk after each request would hold up everybody who records.
   */
  saveAnswer(
    destination: string,
    root: number,
    signal: string,
    format: string,
    state: DeliveryState,
  ): void;
  refuse(destination: string, root: number, spans: readonly RefusedSpan[]): void;
  /** Writes all that `run` writes, or nothing of it; it is on the disk before this returns. */
  together(run: () => void): void;
  /** As `together`, for answers: kept like those of `saveAnswer`. */
  answersTogether(run: () => void): void;
  /**
   * As `together`, at once; resolves when that and everything written before is on the disk. Throws what writing throws,
   * rejects with what the disk says.
   */
  durably(run: () => void): Promise<void>;
}
