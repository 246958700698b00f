import type { Checkpoint } from '../integrity/checkpoint.ts';
import type { VerifierKey } from '../integrity/signing-key.ts';
import type {
  FailureCode,
  Finding,
  NotCheckedCode,
  NotEstablishedCode,
  WarningCode,
} from './findings.ts';

/** Levels that a check can establish, weakest first. */
export const LEVELS = ['consistent', 'signed', 'timestamped', 'anchored'] as const;
export type Level = (typeof LEVELS)[number];

/** What the auditor trusts; nothing inside a package can raise the verdict. */
export interface Trust {
  /** Key whose signatures are accepted. */
  readonly key?: VerifierKey | undefined;
  /** An earlier state of the ledger that the auditor obtained in another way. */
  readonly knownCheckpoint?: Checkpoint | undefined;
  /** DER certificates of trusted time-stamping authorities. */
  readonly timeAuthorities?: readonly Uint8Array[] | undefined;
  readonly requireLevel?: Level | undefined;
  /** Accept a package without sessions or events. */
  readonly allowEmpty?: boolean | undefined;
}

export interface VerifyCounts {
  readonly sessions: number;
  readonly openSessions: number;
  readonly importedSessions: number;
  readonly events: number;
  readonly disclosed: number;
  readonly withheld: number;
  readonly erased: number;
  readonly ledgerLeaves: number;
  readonly excludedSessions: number;
  readonly deletedSessions: number;
  readonly unexplainedSessions: number;
  /** Deletions after which the same session was recorded again; nothing links it to the deleted one. */
  readonly recordedAnew: number;
  /** Tool calls without a recorded result. */
  readonly unansweredCalls: number;
  readonly timeRegressions: number;
  readonly clockJumps: number;
}

/** Id of the package that is checked in memory when the store itself is verified. */
export const STORE_CHECK_ID = 'store check';

export interface VerifyResult {
  readonly verdict: 'consistent' | 'signed' | 'failed' | 'not_checked' | 'not_established';
  readonly exit: 0 | 1 | 2 | 3;
  /** Highest level established; absent when the package contradicts itself or was not checked. */
  readonly level?: Level | undefined;
  /** Codes that decide the exit code: all failures, or why the check was impossible or fell short. */
  readonly codes: readonly (FailureCode | NotCheckedCode | NotEstablishedCode)[];
  readonly reason?: string | undefined;
  readonly failures: readonly Finding<FailureCode>[];
  readonly warnings: readonly Finding<WarningCode>[];
  readonly counts?: VerifyCounts | undefined;
  readonly packageId?: string | undefined;
  readonly packageHash?: string | undefined;
  readonly checkpoint?: Checkpoint | undefined;
  readonly trust: {
    /** Name and id of the pinned key that signed. */
    readonly signedBy?: string | undefined;
    /** Size of the known checkpoint that the ledger extends. */
    readonly extendsCheckpoint?: number | undefined;
    /** Time in a token for the package by a trusted authority, RFC 3339. */
    readonly existedBy?: string | undefined;
    /** The same for a token that covers only the checkpoint of the ledger. */
    readonly ledgerExistedBy?: string | undefined;
    /** Times in tokens whose signature was not verified. */
    readonly claimedTimes: readonly string[];
    /** Number of certificates of time-stamping authorities given; undefined when none was. */
    readonly timeAuthorities?: number | undefined;
  };
}
