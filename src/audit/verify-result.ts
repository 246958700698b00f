import type { Checkpoint } from '../integrity/checkpoint.ts';
import type { VerifierKey } from '../integrity/signing-key.ts';
import type {
  FailureCode,
  Finding,
  NotCheckedCode,
  NotEstablishedCode,
  WarningCode,
} from './findings.ts';

/** What a check established, weakest first. */
export const LEVELS = ['consistent', 'signed', 'timestamped', 'anchored'] as const;
export type Level = (typeof LEVELS)[number];

/** What the auditor brings along; nothing inside a package ever raises the verdict. */
export interface Trust {
  /** Key whose signatures count. */
  readonly key?: VerifierKey | undefined;
  /** A state of the ledger that the auditor got earlier, by another way. */
  readonly knownCheckpoint?: Checkpoint | undefined;
  /** DER certificates of time-stamping authorities that count. */
  readonly timeAuthorities?: readonly Uint8Array[] | undefined;
  readonly requireLevel?: Level | undefined;
  /** Do not refuse a package without sessions or events. */
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
  /** Deletions after which the same session was recorded anew; nothing ties that to what was there before. */
  readonly recordedAnew: number;
  /** Tool calls without a recorded result. */
  readonly unansweredCalls: number;
  readonly timeRegressions: number;
  readonly clockJumps: number;
}

/** The id of a package that is never written: the store, checked as one. */
export const STORE_CHECK_ID = 'store check';

export interface VerifyResult {
  readonly verdict: 'consistent' | 'signed' | 'failed' | 'not_checked' | 'not_established';
  readonly exit: 0 | 1 | 2 | 3;
  /** Highest level established; absent when the package contradicts itself or was not checked. */
  readonly level?: Level | undefined;
  /** Codes that decide the exit: all failures, or why it was not checked or not established. */
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
    /** Time of a token by a pinned authority about the package, RFC 3339. */
    readonly existedBy?: string | undefined;
    /** The same of a token that is about the checkpoint of the ledger alone. */
    readonly ledgerExistedBy?: string | undefined;
    /** Time in tokens that nobody vouched for. */
    readonly claimedTimes: readonly string[];
    /** How many certificates of time-stamping authorities were given; undefined when none was asked for. */
    readonly timeAuthorities?: number | undefined;
  };
}
