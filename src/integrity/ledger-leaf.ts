import { canonicalJson } from './canonical-json.ts';

interface LeafBase {
  /** When the fact was recorded, microseconds since the epoch. */
  readonly at_us?: number | undefined;
}

interface SessionPoint extends LeafBase {
  readonly session: string;
  /** Number of events in the chain so far. */
  readonly count: number;
  /** Hash of the last event (of the genesis while there is none), 64 hex digits. */
  readonly hash: string;
}

/** A chain was started. */
export interface OpenLeaf extends LeafBase {
  readonly t: 'session_open';
  readonly session: string;
  /** Hash of the genesis, 64 hex digits. */
  readonly genesis: string;
  readonly chain?: string | undefined;
}

/** State of a chain; `session_close` when its end was recorded, `session_reopen` when something came after that. */
export interface PointLeaf extends SessionPoint {
  readonly t: 'session_checkpoint' | 'session_close' | 'session_reopen';
}

/** A whole session was removed from the store. */
export interface DeleteLeaf extends SessionPoint {
  readonly t: 'session_delete';
  readonly reason: string;
  readonly policy?: string | undefined;
}

/** Contents of the events `from` to `to` (both included) were removed with their salts. */
export interface EraseLeaf extends LeafBase {
  readonly t: 'content_erase';
  readonly session: string;
  readonly from: number;
  readonly to: number;
  /** Name of the erased content; absent means all of them. */
  readonly name?: string | undefined;
  readonly reason: string;
  readonly policy?: string | undefined;
  readonly actor: string;
}

/** Facts about the store itself; `note` describes what happened. */
export interface StoreLeaf extends LeafBase {
  readonly t: 'anchor' | 'clock_jump' | 'hold' | 'key_rotate' | 'recovery' | 'suite_change';
  readonly session?: string | undefined;
  readonly note: string;
}

/** A package was made from the first `size` leaves of the ledger. */
export interface ExportLeaf extends LeafBase {
  readonly t: 'export';
  readonly package_id: string;
  readonly package_hash: string;
  readonly size: number;
}

/** A recorded fact about the store's sessions; holds ids and hashes, never content. */
export type LedgerLeaf = OpenLeaf | PointLeaf | DeleteLeaf | EraseLeaf | StoreLeaf | ExportLeaf;

/** Text of a leaf, whose UTF-8 bytes are hashed by the Merkle tree. */
export function leafText(leaf: LedgerLeaf): string {
  return canonicalJson(leaf);
}
