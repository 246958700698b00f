import { hash, randomBytes } from 'node:crypto';
import { EncodingRoom, type TextRoom } from './encoding-room.ts';

const CONTENT_DOMAIN = 'agent-strace/content/v1\n';
const DOMAIN_BYTES = Buffer.from(CONTENT_DOMAIN);

/** Length of a salt: as long as the hash, so that a short text cannot be guessed. */
export const SALT_BYTES = 32;
/** Salts generated at a time, because each request to the system for random bytes is expensive. */
const POOL_SALTS = 64;
let pool = Buffer.alloc(0);
let used = 0;

/** A fresh random salt; every content gets its own. */
export function newSalt(): Uint8Array {
  if (used === pool.length) {
    pool = randomBytes(SALT_BYTES * POOL_SALTS);
    used = 0;
  }
  used += SALT_BYTES;
  return pool.subarray(used - SALT_BYTES, used);
}

/** A commitment and the bytes it commits to, which are in the given room. */
export interface Commitment {
  /** 64 hex digits. */
  readonly digest: string;
  /** The text as UTF-8. */
  readonly bytes: Uint8Array;
}

/**
 * Commitment to a recorded text: SHA-256 over the domain, the salt and the text's UTF-8 bytes. The bytes are what is
 * stored and committed to; a lone surrogate becomes U+FFFD in them.
 */
export function commitText(room: TextRoom, salt: Uint8Array, text: string): Commitment {
  const all = room.encode([DOMAIN_BYTES, salt], text);
  const bytes = all.subarray(DOMAIN_BYTES.length + salt.length);
  return { digest: hash('sha256', all, 'hex'), bytes };
}

const ROOM = new EncodingRoom();

/** The digest of {@link commitText}, for when the bytes are not needed. */
export function commitContent(salt: Uint8Array, text: string): string {
  ROOM.clear();
  return commitText(ROOM, salt, text).digest;
}
