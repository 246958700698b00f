import { createHash } from 'node:crypto';

const LEAF = Buffer.of(0);
const NODE = Buffer.of(1);

/** Hash of a leaf (RFC 9162 §2.1.1): SHA-256 over 0x00 and the leaf's bytes. */
function leafHash(leaf: Uint8Array | string): Buffer {
  return createHash('sha256').update(LEAF).update(leaf).digest();
}

/** Hash of an inner node: SHA-256 over 0x01 and its two children. */
function nodeHash(left: Uint8Array, right: Uint8Array): Buffer {
  return createHash('sha256').update(NODE).update(left).update(right).digest();
}

/**
 * Append-only Merkle tree that keeps only the roots of its complete subtrees, so that its memory
 * grows with the logarithm of its size.
 */
export class MerkleTree {
  readonly #peaks: Buffer[] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Adds a leaf, given as bytes or as text that is hashed as UTF-8. */
  append(leaf: Uint8Array | string): void {
    let hash = leafHash(leaf);
    // Each trailing one bit of the size stands for a complete subtree that the new leaf merges
    // with.
    for (let bits = this.#size; bits % 2 === 1; bits = (bits - 1) / 2) {
      hash = nodeHash(this.#peaks.pop()!, hash);
    }
    this.#peaks.push(hash);
    this.#size += 1;
  }

  /** Root over all leaves so far; for an empty tree, the SHA-256 of no bytes. */
  root(): Buffer {
    if (this.#size === 0) return createHash('sha256').digest();
    return this.#peaks.reduceRight((right, left) => nodeHash(left, right));
  }
}
