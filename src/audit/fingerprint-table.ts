import { randomInt } from 'node:crypto';
import { FingerprintPlaces } from './fingerprint-places.ts';
import { TextFingerprint } from './text-fingerprint.ts';

/** Zero in the lower half marks a free place, so it stands for another number. */
const NOT_FREE = 0xffffffff;

/**
 * Set of 64-bit fingerprints in flat memory: 9 to 10 bytes an entry where a Set of strings needs a
 * hundred. Two different keys share a fingerprint once in 2^64; places are seeded so that nobody can
 * choose keys that collide.
 */
export class FingerprintSet {
  readonly #texts = new TextFingerprint(randomInt(2 ** 32), randomInt(2 ** 32));
  protected readonly places: FingerprintPlaces;

  constructor(valued = false) {
    this.places = new FingerprintPlaces(randomInt(2 ** 32), valued);
  }

  get size(): number {
    return this.places.size;
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

  hasText(text: string): boolean {
    this.#texts.of(text);
    return this.places.find(this.#texts.high, this.#texts.low || NOT_FREE) >= 0;
  }

  /** Forgets everything. */
  clear(): void {
    this.places.clear();
  }

  #addPair(high: number, low: number): boolean {
    const before = this.places.size;
    this.places.take(high, low);
    return this.places.size > before;
  }
}

/** Map from 64-bit fingerprints to numbers up to 2^32-1: four bytes more an entry. */
export class FingerprintMap extends FingerprintSet {
  constructor() {
    super(true);
  }

  /** Value of the key, whose first 16 hex digits, lower case, are its fingerprint; undefined when absent. */
  get(hex: string): number | undefined {
    const place = this.places.find(hexWord(hex, 0), lowWord(hex));
    return place < 0 ? undefined : this.places.value(place);
  }

  set(hex: string, value: number): void {
    const place = this.places.take(hexWord(hex, 0), lowWord(hex));
    this.places.setValue(place, value);
  }

  /** Gives the value of every key, in no order. */
  forEachValue(visit: (value: number) => void): void {
    this.places.forEachValue(visit);
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
