import { createHash, hash, randomBytes } from 'node:crypto';

const CONTENT_DOMAIN = 'agent-strace/content/v1\n';
const DOMAIN_BYTES = Buffer.from(CONTENT_DOMAIN);

/** Bytes of a salt: as long as the hash, so that a short text cannot be found by guessing. */
const SALT_BYTES = 32;
/** Asking the system for random bytes costs more than using them. */
const POOL_SALTS = 64;
/** Longer texts are hashed where they are instead of being copied. */
const LONGEST_COPIED = 64 * 1024;

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
  const bytes = Buffer.allocUnsafe(start + text.length * 3);
  DOMAIN_BYTES.copy(bytes);
  bytes.set(salt, DOMAIN_BYTES.length);
  const end = start + bytes.write(text, start, 'utf8');
  return hash('sha256', bytes.subarray(0, end), 'hex');
}
