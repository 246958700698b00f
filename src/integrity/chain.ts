import { hash } from 'node:crypto';
import type { EncodingRoom } from './encoding-room.ts';

const EVENT_DOMAIN = 'agent-strace/event/v1\n';
const EVENT_DOMAIN_BYTES = Buffer.from(EVENT_DOMAIN);
const GENESIS_DOMAIN = 'agent-strace/genesis/v1\n';

/** Name of the only suite of algorithms in use; a verifier stops when it does not know the suite. */
export const SUITE = 'as-1';

/** What an event states about one content: commitment (64 hex digits), media type, size in UTF-8 bytes. */
export interface ContentHeader {
  readonly commit: string;
  readonly media: string;
  readonly size: number;
}

export type HeaderValue = string | number | boolean | readonly string[];

/** The hashed part of an event. `n` counts from 0 within its chain; `ts_us` is microseconds since the epoch. */
export interface EventHeader {
  readonly v: 1;
  /** 32 hex digits, random per chain. */
  readonly chain: string;
  readonly n: number;
  readonly type: string;
  readonly event_id: string;
  /** 16 hex digits. */
  readonly op: string;
  readonly parent?: string | undefined;
  readonly session: string;
  readonly lane?: string | undefined;
  readonly capture: string;
  readonly basis: string;
  readonly ts_us: number;
  readonly facts: { readonly [name: string]: HeaderValue | undefined };
  /** Sorted names of the sealed facts, whose values are in the content `facts`, one JSON object. */
  readonly sealed?: readonly string[] | undefined;
  readonly content?: { readonly [name: string]: ContentHeader } | undefined;
  /** Hash of the previous event or, for the first event, of the genesis. */
  readonly prev: string;
}

/** Start of a chain; its hash is the first event's `prev`, so chains cannot be spliced. */
export interface Genesis {
  readonly v: 1;
  readonly suite: string;
  /** 32 hex digits, random. */
  readonly chain: string;
  readonly session: string;
  readonly root_session: string;
  /** Random identifier of the store that recorded it. */
  readonly store: string;
  /** When the chain was started, microseconds since the epoch; changes after this are detectable. */
  readonly started_us: number;
  /** `recorded` while the agent ran, or `imported` from a file that could be changed until then. */
  readonly origin: 'recorded' | 'imported';
  readonly recorder: { readonly name: string; readonly version: string };
  readonly agent?: string | undefined;
  /** What this capture method cannot see, in words. */
  readonly blind_spots?: readonly string[] | undefined;
  /** Digest of the redaction rules applied before recording, if any. */
  readonly redaction?: string | undefined;
  /** Source of the recorder's clock, as far as known. */
  readonly clock?: string | undefined;
}

/** Hash of an event: 64 hex digits, from the canonical JSON text of its {@link EventHeader}. */
export function hashEvent(canonicalHeader: string): string {
  return hash('sha256', EVENT_DOMAIN + canonicalHeader, 'hex');
}

/** The same hash as {@link hashEvent}, with the header's UTF-8 bytes, which are in the given room. */
export function hashedHeader(
  room: EncodingRoom,
  canonicalHeader: string,
): { readonly hash: string; readonly bytes: Uint8Array } {
  const all = room.encode([EVENT_DOMAIN_BYTES], canonicalHeader);
  return { hash: hash('sha256', all, 'hex'), bytes: all.subarray(EVENT_DOMAIN_BYTES.length) };
}

/** Hash of a genesis: 64 hex digits, from the canonical JSON text of the {@link Genesis}. */
export function hashGenesis(canonicalGenesis: string): string {
  return hash('sha256', GENESIS_DOMAIN + canonicalGenesis, 'hex');
}
