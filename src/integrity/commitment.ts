import { createHash, randomBytes } from 'node:crypto';

const CONTENT_DOMAIN = 'agent-strace/content/v1\n';

/** Bytes of a salt: as long as the hash, so that a short text cannot be found by guessing. */
const SALT_BYTES = 32;

/** One call for many salts: asking the system for each costs more than hashing a short text. */
const POOL_SALTS = 256;
let pool: Buffer = Buffer.alloc(0);

/** A fresh random salt; every content gets its own. */
export function newSalt(): Uint8Array {
  if (pool.length === 0) pool = randomBytes(SALT_BYTES * POOL_SALTS);
  const salt = pool.subarray(0, SALT_BYTES);
  pool = pool.subarray(SALT_BYTES);
  return salt;
}

/**
 * Commitment to a recorded text: 64 hex digits of SHA-256 over the domain, the salt and the text's
 * exact UTF-8 bytes. The text must be well formed, or two different texts could share their bytes.
 */
export function commitContent(salt: Uint8Array, text: string): string {
  return createHash('sha256')
    .update(CONTENT_DOMAIN)
    .update(salt)
    .update(text, 'utf8')
    .digest('hex');
}
