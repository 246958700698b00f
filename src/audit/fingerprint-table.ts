import { randomInt } from 'node:crypto';
import { FingerprintPart, mixed } from './fingerprint-part.ts';
import { TextFingerprint } from './text-fingerprint.ts';

/** Entries from which on a table is kept in parts, so that only a small one is there twice while it grows. */
const LARGE = 2048;
const PARTS = 64;
/** Zero in the lower half marks a free place, so it stands for another number. */
const NOT_FREE = 0xffffffff;

/**
 * Set of 64-bit fingerprints in flat memory: 10 to 13 bytes an entry where a Set of strings needs a
 * hundred. Two different keys share a fingerprint once in 2^64; places are seeded so that nobody can
 * choose keys that collide.
 */
export class FingerprintSet {
  readonly #seed = randomInt(2 ** 32);
  readonly #texts = new TextFingerprint(randomInt(2 ** 32), randomInt(2 ** 32));
  readonly #valued: boolean;
  #parts: FingerprintPart[];

  constructor(valued = false) {
    this.#valued = valued;
    this.#parts = [this.#newPart()];
  }

  get size(): number {
    return this.#parts.reduce((sum, part) => sum + part.size, 0);
  }

  /** Remembers a key by its first 16 hex digits, lower case; false when it was there already. */
  add(hex: string): boolean {
    return this.#addPair(hexWord(hex, 0), lowWord(hex));
  }

  /** Remembers any text by its keyed fingerprint; false when it was there already. */
  addText(text: string): boolean {
    this.#texts.of(text);
    return this.#addPair(this.#texts.high, this.#texts.low || NOT_FREE);
  }

  /** The part in which the fingerprint is or would be. */
  protected partOf(high: number, low: number): FingerprintPart {
    if (this.#parts.length === 1) {
      if (this.#parts[0]!.size < LARGE) return this.#parts[0]!;
      this.#divide();
    }
    // By another seed than the places, or those of a part would lie close together.
    return this.#parts[mixed(high, low, ~this.#seed) % PARTS]!;
  }

  protected get parts(): readonly FingerprintPart[] {
    return this.#parts;
  }

  #addPair(high: number, low: number): boolean {
    const part = this.partOf(high, low);
    const before = part.size;
    part.take(high, low);
    return part.size > before;
  }

  #divide(): void {
    const [whole] = this.#parts;
    this.#parts = Array.from({ length: PARTS }, () => this.#newPart());
    whole!.forEach((high, low, value) => {
      const part = this.partOf(high, low);
      const place = part.take(high, low);
      if (part.values !== undefined) part.values[place] = value;
    });
    whole!.release();
  }

  /** Gives the memory back; the table cannot be used any more. */
  release(): void {
    for (const part of this.#parts) part.release();
  }

  #newPart(): FingerprintPart {
    return new FingerprintPart(this.#seed, this.#valued);
  }
}

/** Map from 64-bit fingerprints to numbers up to 2^32-1: four bytes more an entry. */
export class FingerprintMap extends FingerprintSet {
  constructor() {
    super(true);
  }

  /** Value of the key, whose first 16 hex digits, lower case, are its fingerprint; undefined when absent. */
  get(hex: string): number | undefined {
    const high = hexWord(hex, 0);
    const low = lowWord(hex);
    const part = this.partOf(high, low);
    const place = part.find(high, low);
    return place < 0 ? undefined : part.values![place];
  }

  set(hex: string, value: number): void {
    const high = hexWord(hex, 0);
    const low = lowWord(hex);
    const part = this.partOf(high, low);
    const place = part.take(high, low);
    part.values![place] = value;
  }

  /** Gives the value of every key, in no order. */
  forEachValue(visit: (value: number) => void): void {
    for (const part of this.parts) {
      part.forEach((_high, _low, value) => {
        visit(value);
      });
    }
  }
}

function lowWord(hex: string): number {
  return hexWord(hex, 8) || NOT_FREE;
}

/** The number that eight hex digits of lower case stand for. */
function hexWord(hex: string, start: number): number {
  let word = 0;
  for (let at = start; at < start + 8; at += 1) {
    const code = hex.charCodeAt(at);
    word = (word << 4) | (code < 0x61 ? code - 0x30 : code - 0x57);
  }
  return word >>> 0;
}
