import { createHash } from 'node:crypto';

const LEAF = Buffer.of(0);
const NODE = Buffer.of(1);
const HASH_BYTES = 32;

/** Hash of a leaf (RFC 9162 §2.1.1): SHA-256 over 0x00 and the leaf's bytes. */
export function leafHash(leaf: Uint8Array | string): Buffer {
  return createHash('sha256').update(LEAF).update(leaf).digest();
}

/** Hash of an inner node: SHA-256 over 0x01 and its two children. */
function nodeHash(left: Uint8Array, right: Uint8Array): Buffer {
  return createHash('sha256').update(NODE).update(left).update(right).digest();
}

/** Root of the tree without leaves: SHA-256 of nothing. */
function emptyRoot(): Buffer {
  return createHash('sha256').digest();
}

/**
 * Append-only Merkle tree that keeps only the roots of its complete subtrees: memory grows with the
 * logarithm of its size.
 */
export class MerkleTree {
  readonly #peaks: Buffer[] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Adds a leaf given as its bytes, or as text that is hashed as UTF-8. */
  append(leaf: Uint8Array | string): void {
    let hash = leafHash(leaf);
    // Every trailing one bit of the size is a complete subtree that the new leaf completes further.
    for (let bits = this.#size; bits % 2 === 1; bits = (bits - 1) / 2) {
      hash = nodeHash(this.#peaks.pop()!, hash);
    }
    this.#peaks.push(hash);
    this.#size += 1;
  }

  /** Root over all leaves so far. */
  root(): Buffer {
    if (this.#size === 0) return emptyRoot();
    return this.#peaks.reduceRight((right, left) => nodeHash(left, right));
  }
}

/** Root over leaf hashes, by the recursive definition. */
export function rootOf(hashes: readonly Uint8Array[]): Uint8Array {
  if (hashes.length === 0) return emptyRoot();
  if (hashes.length === 1) return hashes[0]!;
  const split = splitOf(hashes.length);
  return nodeHash(rootOf(hashes.slice(0, split)), rootOf(hashes.slice(split)));
}

/** Proof that leaf `index` is in the tree over these leaf hashes, lowest sibling first. */
export function inclusionProof(hashes: readonly Uint8Array[], index: number): Uint8Array[] {
  if (hashes.length <= 1) return [];
  const split = splitOf(hashes.length);
  const left = hashes.slice(0, split);
  const right = hashes.slice(split);
  if (index < split) return [...inclusionProof(left, index), rootOf(right)];
  return [...inclusionProof(right, index - split), rootOf(left)];
}

/** Proof that the tree over the first `size` leaves is a prefix of the tree over all of them. */
export function consistencyProof(hashes: readonly Uint8Array[], size: number): Uint8Array[] {
  return subproof(hashes, size, true);
}

function subproof(hashes: readonly Uint8Array[], size: number, whole: boolean): Uint8Array[] {
  if (size === hashes.length) return whole ? [] : [rootOf(hashes)];
  const split = splitOf(hashes.length);
  const left = hashes.slice(0, split);
  const right = hashes.slice(split);
  if (size <= split) return [...subproof(left, size, whole), rootOf(right)];
  return [...subproof(right, size - split, false), rootOf(left)];
}

/** Largest power of two below `size`. */
function splitOf(size: number): number {
  let split = 1;
  while (split * 2 < size) split *= 2;
  return split;
}

export interface InclusionClaim {
  readonly index: number;
  readonly size: number;
  readonly leafHash: Uint8Array;
  readonly root: Uint8Array;
  readonly proof: readonly Uint8Array[];
}

/** Checks an inclusion proof (RFC 9162 §2.1.3.2). False for anything malformed. */
export function verifyInclusion(claim: InclusionClaim): boolean {
  const { index, size, proof } = claim;
  if (!isCount(index) || !isCount(size) || index >= size) return false;
  if (![claim.leafHash, claim.root, ...proof].every(isHash)) return false;
  let node = index;
  let last = size - 1;
  let hash = claim.leafHash;
  for (const sibling of proof) {
    if (last === 0) return false;
    if (node % 2 === 1 || node === last) {
      hash = nodeHash(sibling, hash);
      while (node % 2 === 0 && node !== 0) {
        node = half(node);
        last = half(last);
      }
    } else {
      hash = nodeHash(hash, sibling);
    }
    node = half(node);
    last = half(last);
  }
  return last === 0 && equal(hash, claim.root);
}

export interface ConsistencyClaim {
  readonly firstSize: number;
  readonly secondSize: number;
  readonly firstRoot: Uint8Array;
  readonly secondRoot: Uint8Array;
  readonly proof: readonly Uint8Array[];
}

/** Checks a consistency proof (RFC 9162 §2.1.4.2). A size of 0 is refused, like anything malformed. */
export function verifyConsistency(claim: ConsistencyClaim): boolean {
  const { firstSize, secondSize } = claim;
  if (!isCount(firstSize) || !isCount(secondSize)) return false;
  if (firstSize === 0 || firstSize > secondSize) return false;
  if (![claim.firstRoot, claim.secondRoot, ...claim.proof].every(isHash)) return false;
  if (firstSize === secondSize) {
    return claim.proof.length === 0 && equal(claim.firstRoot, claim.secondRoot);
  }
  return climb(claim);
}

function climb(claim: ConsistencyClaim): boolean {
  const path = isPowerOfTwo(claim.firstSize) ? [claim.firstRoot, ...claim.proof] : [...claim.proof];
  let node = claim.firstSize - 1;
  let last = claim.secondSize - 1;
  while (node % 2 === 1) {
    node = half(node);
    last = half(last);
  }
  let first = path.shift();
  if (first === undefined) return false;
  let second = first;
  for (const sibling of path) {
    if (last === 0) return false;
    if (node % 2 === 1 || node === last) {
      first = nodeHash(sibling, first);
      second = nodeHash(sibling, second);
      while (node % 2 === 0 && node !== 0) {
        node = half(node);
        last = half(last);
      }
    } else {
      second = nodeHash(second, sibling);
    }
    node = half(node);
    last = half(last);
  }
  return last === 0 && equal(first, claim.firstRoot) && equal(second, claim.secondRoot);
}

function half(count: number): number {
  return Math.floor(count / 2);
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

function isPowerOfTwo(value: number): boolean {
  return 2 ** Math.round(Math.log2(value)) === value;
}

function isHash(hash: Uint8Array): boolean {
  return hash.length === HASH_BYTES;
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}
