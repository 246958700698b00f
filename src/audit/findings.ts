/** Why a package could not be checked at all (exit 2). */
export type NotCheckedCode =
  | 'E_PARSE'
  | 'E_DUP_KEY'
  | 'E_NUMBER'
  | 'E_UNICODE'
  | 'E_SCHEMA'
  | 'E_SUITE'
  | 'E_LIMIT'
  | 'E_EMPTY';

/** Contradictions inside a package (exit 1). */
export type FailureCode =
  | 'F_PACKAGE_HASH'
  | 'F_EVENT_HASH'
  | 'F_CONTENT'
  | 'F_LINK'
  | 'F_SEQ'
  | 'F_CHAIN_ID'
  | 'F_GENESIS'
  | 'F_DUP_EVENT'
  | 'F_DUP_SESSION'
  | 'F_COUNT'
  | 'F_HEAD'
  | 'F_NO_END'
  | 'F_LEDGER'
  | 'F_CHECKPOINT'
  | 'F_OMISSION'
  | 'F_WITHHELD_UNDECLARED'
  | 'F_SUMMARY'
  | 'F_SIGNATURE'
  | 'F_DIVERGED'
  | 'F_TIME_TOKEN';

/** What was asked for but not established (exit 3). */
export type NotEstablishedCode = 'N_UNSIGNED' | 'N_OTHER_KEY' | 'N_NO_TIME' | 'N_NO_ANCHOR';

export type WarningCode =
  | 'W_OPEN'
  | 'W_WITHHELD'
  | 'W_TIME_REGRESSION'
  | 'W_IMPORTED'
  | 'W_SELF_KEY';

export interface Finding<Code extends string> {
  readonly code: Code;
  readonly detail: string;
  readonly session?: string | undefined;
  /** Index of the event in its session. */
  readonly n?: number | undefined;
}

/** Number of failures kept with details; further ones are only counted. */
const MOST_KEPT = 1000;

/** Stops the check: the document cannot be checked. */
export class NotChecked extends Error {
  readonly code: NotCheckedCode;

  constructor(code: NotCheckedCode, message: string) {
    super(message);
    this.name = 'NotChecked';
    this.code = code;
  }
}

/** Failures and warnings in the order they were found. */
export class Findings {
  readonly failures: Finding<FailureCode>[] = [];
  readonly warnings: Finding<WarningCode>[] = [];
  readonly counts = new Map<FailureCode, number>();

  fail(code: FailureCode, detail: string, session?: string, n?: number): void {
    this.counts.set(code, (this.counts.get(code) ?? 0) + 1);
    if (this.failures.length < MOST_KEPT) this.failures.push({ code, detail, session, n });
  }

  warn(code: WarningCode, detail: string): void {
    this.warnings.push({ code, detail });
  }
}
