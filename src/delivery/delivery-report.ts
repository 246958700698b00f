export interface RefusedSpan {
  readonly sessionId: string;
  readonly spanId: string;
  readonly name: string;
  readonly status: number;
  readonly message: string;
}

/** What one answer, or the lack of it, came to. */
export interface BatchReport {
  readonly accepted: number;
  readonly rejected: number;
  readonly refused: readonly RefusedSpan[];
  readonly messages: readonly string[];
}

/** What became of one trace at one destination, in this run. */
export interface TraceReport {
  readonly sessionId: string;
  /** `sent`: all that was due has been answered for. `none_due`: it had been before. `deleted`: the store has it no longer. */
  readonly result: 'sent' | 'none_due' | 'deleted';
  readonly running: boolean;
  /** Settings of this run that differ from those the trace was first sent with. */
  readonly changedSettings: readonly string[];
  /** Facts came after the spans had been settled; they are sent with `--force` only. */
  readonly changedSinceDelivery: boolean;
}

/** Why sending ended; `done` when everything that was due has an answer. */
export interface DeliveryEnd {
  readonly state: 'done' | 'blocked' | 'retry_exhausted' | 'aborted';
  readonly reason?: string | undefined;
}
