import { hash } from 'node:crypto';
import type { EncodingRoom } from './encoding-room.ts';

const EVENT_DOMAIN = 'agent-strace/event/v1\n';
const EVENT_DOMAIN_BYTES = Buffer.from(EVENT_DOMAIN);
const GENESIS_DOMAIN = 'agent-strace/genesis/v1\n';

/** Name of the one set of algorithms in use; a verifier that does not know it stops. */
export const SUITE = 'as-1';

/** What an event says of one content: 64 hex digits, media type, UTF-8 bytes. */
export interface ContentHeader {
  readonly commit: string;
  readonly media: string;
  readonly size: number;
}

export type HeaderValue = string | number | boolean | readonly string[];

/** The hashed part of an event. `n` counts from 0 in its chain; `ts_us` is microseconds since the epoch. */
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
  /** Names, sorted, of facts that are texts: their values are the content `facts`, one JSON object. */
  readonly sealed?: readonly string[] | undefined;
  readonly content?: { readonly [name: string]: ContentHeader } | undefined;
  /** Hash of the event before, or of the genesis for the first. */
  readonly prev: string;
}

/** What a chain starts from; its hash is the first event's `prev`, so chains cannot be spliced. */
export interface Genesis {
  readonly v: 1;
  readonly suite: string;
  /** 32 hex digits, random. */
  readonly chain: string;
  readonly session: string;
  readonly root_session: string;
  /** Random identifier of the store that recorded it. */
  readonly store: string;
  /** When the chain was started: from here on changes show. Microseconds since the epoch. */
  readonly started_us: number;
  /** `recorded` while the agent ran, `imported` from a file that could be changed until then. */
  readonly origin: 'recorded' | 'imported';
  readonly recorder: { readonly name: string; readonly version: string };
  readonly agent?: string | undefined;
  /** What this way of capturing cannot see, in words. */
  readonly blind_spots?: readonly string[] | undefined;
  /** Digest of the redaction rules applied before recording, where there were any. */
  readonly redaction?: string | undefined;
  /** Where the recorder's clock comes from, as far as known. */
  readonly clock?: string | undefined;
}

/** Hash of an event: 64 hex digits, from the canonical JSON text of its {@link EventHeader}. */
export function hashEvent(canonicalHeader: string): string {
  return hash('sha256', EVENT_DOMAIN + canonicalHeader, 'hex');
}

/** The hash of {@link hashEvent} with the UTF-8 bytes of the header, which lie in the room that was given. */
export function hashedHeader(
  room: EncodingRoom,
  canonicalHeader: string,
): { readonly hash: string; readonly bytes: Uint8Array } {
  const all = room.encode([EVENT_DOMAIN_BYTES], canonicalHeader);
  return { hash: hash('sha256', all, 'hex'), bytes: all.subarray(EVENT_DOMAIN_BYTES.length) };
}

/** Hash of a chain's start: 64 hex digits, from the canonical JSON text of its {@link Genesis}. */
export function hashGenesis(canonicalGenesis: string): string {
  return hash('sha256', GENESIS_DOMAIN + canonicalGenesis, 'hex');
}
