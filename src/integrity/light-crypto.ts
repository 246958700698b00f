import { closeSync, openSync, readSync } from 'node:fs';

// The part of node:crypto that short commands need. Loading node:crypto takes 2.4 ms, a tenth of the life of such a
// process, so the bundles use this instead until there is enough to hash; a test checks that the results are the same.

const CONSTANTS = new Int32Array([
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
  0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
  0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
  0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
  0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
  0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
  0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
  0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
]);
const START = new Int32Array([
  0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
]);
const BLOCK = 64;
/** From this many bytes on, node:crypto is faster even with its loading: 16 KiB take 3 ms instead of 6. */
const LARGE = 4 * 1024;

type Crypto = typeof import('node:crypto');
let loaded: Crypto | undefined;
let hashed = 0;

function real(): Crypto {
  loaded ??= process.getBuiltinModule('node:crypto');
  return loaded;
}

class Sha256 {
  readonly #parts: Uint8Array[] = [];

  update(data: string | Uint8Array, _encoding?: 'utf8'): this {
    this.#parts.push(typeof data === 'string' ? Buffer.from(data, 'utf8') : data);
    return this;
  }

  digest(): Buffer;
  digest(encoding: 'hex' | 'base64'): string;
  digest(encoding?: 'hex' | 'base64'): Buffer | string {
    const bytes = this.#parts.length === 1 ? this.#parts[0]! : Buffer.concat(this.#parts);
    hashed += bytes.length;
    const digest =
      hashed < LARGE ? sha256(bytes) : real().createHash('sha256').update(bytes).digest();
    return encoding === undefined ? digest : digest.toString(encoding);
  }
}

/** `createHash('sha256')` of node:crypto, for data that fits into memory at once. */
export function createHash(algorithm: 'sha256') {
  return loaded === undefined ? new Sha256() : loaded.createHash(algorithm);
}

/** `hash('sha256', text, 'hex')` of node:crypto. */
export function hash(algorithm: 'sha256', data: string | Uint8Array, encoding: 'hex'): string {
  if (loaded !== undefined) return loaded.hash(algorithm, data, encoding);
  return new Sha256().update(data).digest(encoding);
}

/** `createHmac` of node:crypto. */
export const createHmac: Crypto['createHmac'] = (...given) => real().createHmac(...given);

/** `randomBytes` of node:crypto, from the system's generator. */
export function randomBytes(size: number): Buffer {
  if (loaded !== undefined) return loaded.randomBytes(size);
  const bytes = Buffer.alloc(size);
  try {
    const source = openSync('/dev/urandom', 'r');
    try {
      for (let at = 0; at < size; ) at += readSync(source, bytes, at, size - at, null);
    } finally {
      closeSync(source);
    }
    return bytes;
  } catch {
    return real().randomBytes(size);
  }
}

/**
 * Tuned for a process so short that this is interpreted: 32-bit integers, which V8 keeps off the heap; rotations
 * written out; no Buffer helpers, which are compiled at their first call; and three functions instead of one, which V8
 * would start to optimise after 30 blocks (0.2 ms).
 */
function sha256(bytes: Uint8Array): Buffer {
  const padded = Buffer.alloc(Math.ceil((bytes.length + 9) / BLOCK) * BLOCK);
  padded.set(bytes);
  padded[bytes.length] = 0x80;
  // Less than 2^32 bits, because longer texts go to node:crypto.
  putWord(padded, padded.length - 4, bytes.length * 8);
  const state = new Int32Array(START);
  for (let at = 0; at < padded.length; at += BLOCK) {
    loadWords(padded, at);
    expandWords();
    compress(state);
  }
  for (let index = 0; index < 8; index++) putWord(padded, index * 4, state[index]!);
  return padded.subarray(0, 32);
}

function putWord(bytes: Uint8Array, at: number, word: number): void {
  bytes[at] = word >>> 24;
  bytes[at + 1] = word >>> 16;
  bytes[at + 2] = word >>> 8;
  bytes[at + 3] = word;
}

/** The 64 words of the current block. */
const words = new Int32Array(64);

function loadWords(bytes: Uint8Array, from: number): void {
  let at = from;
  for (let index = 0; index < 16; index++, at += 4)
    words[index] =
      (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
}

function expandWords(): void {
  for (let index = 16; index < 64; index++) {
    const x = words[index - 15]!;
    const y = words[index - 2]!;
    words[index] =
      words[index - 16]! +
      (((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3)) +
      words[index - 7]! +
      (((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10));
  }
}

/** Eight rounds at a time, rotating the variables' names instead of their values. */
function compress(state: Int32Array): void {
  let a = state[0]!;
  let b = state[1]!;
  let c = state[2]!;
  let d = state[3]!;
  let e = state[4]!;
  let f = state[5]!;
  let g = state[6]!;
  let h = state[7]!;
  for (let at = 0; at < 64; at += 8) {
    h = (h + (((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7)))) | 0;
    h = (h + ((e & f) ^ (~e & g)) + CONSTANTS[at]! + words[at]!) | 0;
    d = (d + h) | 0;
    h = (h + (((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10)))) | 0;
    h = (h + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    g = (g + (((d >>> 6) | (d << 26)) ^ ((d >>> 11) | (d << 21)) ^ ((d >>> 25) | (d << 7)))) | 0;
    g = (g + ((d & e) ^ (~d & f)) + CONSTANTS[at + 1]! + words[at + 1]!) | 0;
    c = (c + g) | 0;
    g = (g + (((h >>> 2) | (h << 30)) ^ ((h >>> 13) | (h << 19)) ^ ((h >>> 22) | (h << 10)))) | 0;
    g = (g + ((h & a) ^ (h & b) ^ (a & b))) | 0;
    f = (f + (((c >>> 6) | (c << 26)) ^ ((c >>> 11) | (c << 21)) ^ ((c >>> 25) | (c << 7)))) | 0;
    f = (f + ((c & d) ^ (~c & e)) + CONSTANTS[at + 2]! + words[at + 2]!) | 0;
    b = (b + f) | 0;
    f = (f + (((g >>> 2) | (g << 30)) ^ ((g >>> 13) | (g << 19)) ^ ((g >>> 22) | (g << 10)))) | 0;
    f = (f + ((g & h) ^ (g & a) ^ (h & a))) | 0;
    e = (e + (((b >>> 6) | (b << 26)) ^ ((b >>> 11) | (b << 21)) ^ ((b >>> 25) | (b << 7)))) | 0;
    e = (e + ((b & c) ^ (~b & d)) + CONSTANTS[at + 3]! + words[at + 3]!) | 0;
    a = (a + e) | 0;
    e = (e + (((f >>> 2) | (f << 30)) ^ ((f >>> 13) | (f << 19)) ^ ((f >>> 22) | (f << 10)))) | 0;
    e = (e + ((f & g) ^ (f & h) ^ (g & h))) | 0;
    d = (d + (((a >>> 6) | (a << 26)) ^ ((a >>> 11) | (a << 21)) ^ ((a >>> 25) | (a << 7)))) | 0;
    d = (d + ((a & b) ^ (~a & c)) + CONSTANTS[at + 4]! + words[at + 4]!) | 0;
    h = (h + d) | 0;
    d = (d + (((e >>> 2) | (e << 30)) ^ ((e >>> 13) | (e << 19)) ^ ((e >>> 22) | (e << 10)))) | 0;
    d = (d + ((e & f) ^ (e & g) ^ (f & g))) | 0;
    c = (c + (((h >>> 6) | (h << 26)) ^ ((h >>> 11) | (h << 21)) ^ ((h >>> 25) | (h << 7)))) | 0;
    c = (c + ((h & a) ^ (~h & b)) + CONSTANTS[at + 5]! + words[at + 5]!) | 0;
    g = (g + c) | 0;
    c = (c + (((d >>> 2) | (d << 30)) ^ ((d >>> 13) | (d << 19)) ^ ((d >>> 22) | (d << 10)))) | 0;
    c = (c + ((d & e) ^ (d & f) ^ (e & f))) | 0;
    b = (b + (((g >>> 6) | (g << 26)) ^ ((g >>> 11) | (g << 21)) ^ ((g >>> 25) | (g << 7)))) | 0;
    b = (b + ((g & h) ^ (~g & a)) + CONSTANTS[at + 6]! + words[at + 6]!) | 0;
    f = (f + b) | 0;
    b = (b + (((c >>> 2) | (c << 30)) ^ ((c >>> 13) | (c << 19)) ^ ((c >>> 22) | (c << 10)))) | 0;
    b = (b + ((c & d) ^ (c & e) ^ (d & e))) | 0;
    a = (a + (((f >>> 6) | (f << 26)) ^ ((f >>> 11) | (f << 21)) ^ ((f >>> 25) | (f << 7)))) | 0;
    a = (a + ((f & g) ^ (~f & h)) + CONSTANTS[at + 7]! + words[at + 7]!) | 0;
    e = (e + a) | 0;
    a = (a + (((b >>> 2) | (b << 30)) ^ ((b >>> 13) | (b << 19)) ^ ((b >>> 22) | (b << 10)))) | 0;
    a = (a + ((b & c) ^ (b & d) ^ (c & d))) | 0;
  }
  state[0]! += a;
  state[1]! += b;
  state[2]! += c;
  state[3]! += d;
  state[4]! += e;
  state[5]! += f;
  state[6]! += g;
  state[7]! += h;
}
