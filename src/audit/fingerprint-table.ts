import { randomInt } from 'node:crypto';
import { FingerprintPlaces } from './fingerprint-places.ts';
import { TextFingerprint } from './text-fingerprint.ts';

/** Used instead of a lower half of zero, because zero marks a free place. */
const NOT_FREE = 0xffffffff;

/**
 * Set of 64-bit fingerprints in flat memory: 9 to 10 bytes per entry, where a Set of strings needs about a hundred. Two
 * different keys share a fingerprint with a probability of 1 in 2^64; places are seeded so that nobody can choose keys
 * that collide.
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

  /** Adds a key by its first 16 hex digits (lower case); false when it was already there. */
  add(hex: string): boolean {
    return this.#addPair(hexWord(hex, 0), lowWord(hex));
  }

  /** Adds a text by its keyed fingerprint; false when it was already there. */
  addText(text: string): boolean {
    this.#texts.of(text);
    return this.#addPair(this.#texts.high, this.#texts.low || NOT_FREE);
  }

  hasText(text: string): boolean {
    this.#texts.of(text);
    return this.places.find(this.#texts.high, this.#texts.low || NOT_FREE) >= 0;
  }

  clear(): void {
    this.places.clear();
  }

  #addPair(high: number, low: number): boolean {
    const before = this.places.size;
    this.places.take(high, low);
    return this.places.size > before;
  }
}

/** Map from 64-bit fingerprints to numbers up to 2^32-1: four more bytes per entry. */
export class FingerprintMap extends FingerprintSet {
  constructor() {
    super(true);
  }

  /** Value of the key whose fingerprint is its first 16 hex digits (lower case); undefined when absent. */
  get(hex: string): number | undefined {
    const place = this.places.find(hexWord(hex, 0), lowWord(hex));
    return place < 0 ? undefined : this.places.value(place);
  }

  set(hex: string, value: number): void {
    const place = this.places.take(hexWord(hex, 0), lowWord(hex));
    this.places.setValue(place, value);
  }

  /** Calls `visit` with the value of every key, in no particular order. */
  forEachValue(visit: (value: number) => void): void {
    this.places.forEachValue(visit);
  }
}

function lowWord(hex: string): number {
  return hexWord(hex, 8) || NOT_FREE;
}

/** The number written as eight lower-case hex digits. */
function hexWord(hex: string, start: number): number {
  let word = 0;
  for (let at = start; at < start + 8; at += 1) {
    const code = hex.charCodeAt(at);
    word = (word << 4) | (code < 0x61 ? code - 0x30 : code - 0x57);
  }
  return word >>> 0;
}
