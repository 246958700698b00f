import { randomInt } from 'node:crypto';

const FIRST_CAPACITY = 64;
const FULLEST = 0.8;
const GROWTH = 1.5;

/**
 * Map from 64-bit fingerprints to small numbers in flat memory: about 12 bytes an entry where a plain
 * Map of strings needs a hundred. Two different keys share a fingerprint once in 2^64; places are
 * seeded so that nobody can choose keys that collide.
 */
export class FingerprintTable {
  readonly #seed = randomInt(2 ** 32);
  #high = new Uint32Array(FIRST_CAPACITY);
  #low = new Uint32Array(FIRST_CAPACITY);
  /** Value plus one; 0 marks a free place. */
  #values = new Uint32Array(FIRST_CAPACITY);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Value of the key, whose first 16 hex digits are its fingerprint; undefined when absent. */
  get(hex: string): number | undefined {
    const stored = this.#values[this.#place(highOf(hex), lowOf(hex))]!;
    return stored === 0 ? undefined : stored - 1;
  }

  /** Sets the value, 0 to 2^32-2. */
  set(hex: string, value: number): void {
    if (this.#size + 1 > this.#values.length * FULLEST) this.#grow();
    this.#put(highOf(hex), lowOf(hex), value + 1);
  }

  /** Remembers the key; false when it was there already. */
  add(hex: string): boolean {
    if (this.get(hex) !== undefined) return false;
    this.set(hex, 0);
    return true;
  }

  *values(): Generator<number> {
    for (const stored of this.#values) if (stored !== 0) yield stored - 1;
  }

  #put(high: number, low: number, stored: number): void {
    const place = this.#place(high, low);
    if (this.#values[place] === 0) this.#size += 1;
    this.#high[place] = high;
    this.#low[place] = low;
    this.#values[place] = stored;
  }

  #place(high: number, low: number): number {
    let mixed = Math.imul(high ^ this.#seed, 0x9e3779b1) ^ Math.imul(low + this.#seed, 0x85ebca6b);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x2c1b3c6d);
    const capacity = this.#values.length;
    let place = ((mixed ^ (mixed >>> 13)) >>> 0) % capacity;
    while (this.#values[place] !== 0 && (this.#high[place] !== high || this.#low[place] !== low)) {
      place = place + 1 === capacity ? 0 : place + 1;
    }
    return place;
  }

  #grow(): void {
    const [high, low, values] = [this.#high, this.#low, this.#values];
    const capacity = Math.ceil(values.length * GROWTH);
    this.#high = new Uint32Array(capacity);
    this.#low = new Uint32Array(capacity);
    this.#values = new Uint32Array(capacity);
    this.#size = 0;
    for (let place = 0; place < values.length; place += 1) {
      if (values[place] !== 0) this.#put(high[place]!, low[place]!, values[place]!);
    }
  }
}

function highOf(hex: string): number {
  return Number.parseInt(hex.slice(0, 8), 16);
}

function lowOf(hex: string): number {
  return Number.parseInt(hex.slice(8, 16), 16);
}
