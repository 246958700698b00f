import { randomInt } from 'node:crypto';
import { TextFingerprint } from './text-fingerprint.ts';

const FIRST_CAPACITY = 64;
/** Share of places that may be taken before the table grows, and by how much: never above 32 bytes an entry. */
const FULLEST = 0.8;
const GROWTH = 1.3;

/**
 * Set of 64-bit fingerprints in flat memory: 10 to 13 bytes an entry where a Set of strings needs a
 * hundred. Two different keys share a fingerprint once in 2^64; places are seeded so that nobody can
 * choose keys that collide.
 */
export class FingerprintSet {
  protected high = new Uint32Array(FIRST_CAPACITY);
  protected low = new Uint32Array(FIRST_CAPACITY);
  readonly #seed = randomInt(2 ** 32);
  readonly #texts = new TextFingerprint(randomInt(2 ** 32), randomInt(2 ** 32));
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Remembers a key by its first 16 hex digits, lower case; false when it was there already. */
  add(hex: string): boolean {
    const before = this.#size;
    this.take(hex);
    return this.#size > before;
  }

  /** Remembers any text by its keyed fingerprint; false when it was there already. */
  addText(text: string): boolean {
    const before = this.#size;
    this.#texts.of(text);
    this.#takePlace(this.#texts.high, this.#texts.low);
    return this.#size > before;
  }

  /** Place of the key, which is taken for it when it is new. */
  protected take(hex: string): number {
    return this.#takePlace(hexWord(hex, 0), hexWord(hex, 8));
  }

  /** Place where the key is or would be. */
  protected placeOf(hex: string): number {
    const high = hexWord(hex, 0);
    return this.#find(high, lowWord(high, hexWord(hex, 8)));
  }

  #takePlace(high: number, secondWord: number): number {
    if (this.#size + 1 > this.high.length * FULLEST) this.#grow();
    const low = lowWord(high, secondWord);
    const place = this.#find(high, low);
    if (this.isFree(place)) this.#size += 1;
    this.high[place] = high;
    this.low[place] = low;
    return place;
  }

  /** Place where the fingerprint is or would be. */
  #find(high: number, low: number): number {
    let mixed = Math.imul(high ^ this.#seed, 0x9e3779b1) ^ Math.imul(low + this.#seed, 0x85ebca6b);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x2c1b3c6d);
    const capacity = this.high.length;
    let place = ((mixed ^ (mixed >>> 13)) >>> 0) % capacity;
    while (!this.isFree(place) && (this.high[place] !== high || this.low[place] !== low)) {
      place = place + 1 === capacity ? 0 : place + 1;
    }
    return place;
  }

  protected isFree(place: number): boolean {
    return this.high[place] === 0 && this.low[place] === 0;
  }

  /** Makes room for `capacity` places; whoever keeps more beside a fingerprint moves it in {@link moved}. */
  protected resized(_capacity: number): void {}

  protected moved(_from: number, _to: number): void {}

  #grow(): void {
    const [high, low] = [this.high, this.low];
    const capacity = Math.ceil(high.length * GROWTH);
    this.high = new Uint32Array(capacity);
    this.low = new Uint32Array(capacity);
    this.resized(capacity);
    for (let from = 0; from < high.length; from += 1) {
      if (high[from] === 0 && low[from] === 0) continue;
      const to = this.#find(high[from]!, low[from]!);
      this.high[to] = high[from]!;
      this.low[to] = low[from]!;
      this.moved(from, to);
    }
  }
}

/** Map from 64-bit fingerprints to numbers up to 2^32-1: four bytes more an entry. */
export class FingerprintMap extends FingerprintSet {
  #values = new Uint32Array(FIRST_CAPACITY);
  #oldValues = this.#values;

  /** Value of the key, whose first 16 hex digits are its fingerprint; undefined when absent. */
  get(hex: string): number | undefined {
    const place = this.placeOf(hex);
    return this.isFree(place) ? undefined : this.#values[place];
  }

  set(hex: string, value: number): void {
    const place = this.take(hex);
    this.#values[place] = value;
  }

  *values(): Generator<number> {
    for (let place = 0; place < this.#values.length; place += 1) {
      if (!this.isFree(place)) yield this.#values[place]!;
    }
  }

  protected override resized(capacity: number): void {
    this.#oldValues = this.#values;
    this.#values = new Uint32Array(capacity);
  }

  protected override moved(from: number, to: number): void {
    this.#values[to] = this.#oldValues[from]!;
  }
}

/** All zero marks a free place, so it stands for another number. */
function lowWord(high: number, low: number): number {
  return high === 0 && low === 0 ? 0xffffffff : low;
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
