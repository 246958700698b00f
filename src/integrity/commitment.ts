import { createHash, hash, randomBytes } from 'node:crypto';

const CONTENT_DOMAIN = 'agent-strace/content/v1\n';
const DOMAIN_BYTES = Buffer.from(CONTENT_DOMAIN);

/** Bytes of a salt: as long as the hash, so that a short text cannot be found by guessing. */
const SALT_BYTES = 32;
/** Asking the system for random bytes costs more than using them. */
const POOL_SALTS = 64;
/** Longer texts are hashed where they are instead of being copied. */
const LONGEST_COPIED = 64 * 1024;
/** A UTF-16 unit has at most so many bytes in UTF-8. */
const MOST_BYTES = 3;

/** What is hashed is put together here: room of its own for each text costs a fifth of hashing it. */
let room: Buffer | undefined;

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

/**
 * Commitment to a recorded text: 64 hex digits of SHA-256 over the domain, the salt and the text's
 * exact UTF-8 bytes. The text must be well formed, or two different texts could share their bytes.
 */
export function commitContent(salt: Uint8Array, text: string): string {
  if (text.length > LONGEST_COPIED) {
    const digest = createHash('sha256').update(CONTENT_DOMAIN).update(salt).update(text, 'utf8');
    return digest.digest('hex');
  }
  const start = DOMAIN_BYTES.length + salt.length;
  const needed = start + text.length * MOST_BYTES;
  if (room === undefined || room.length < needed) {
    room = Buffer.allocUnsafe(Math.min(needed * 2, start + LONGEST_COPIED * MOST_BYTES));
    DOMAIN_BYTES.copy(room);
  }
  room.set(salt, DOMAIN_BYTES.length);
  const end = start + room.write(text, start, 'utf8');
  return hash('sha256', room.subarray(0, end), 'hex');
}
