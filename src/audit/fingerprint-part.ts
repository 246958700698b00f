const FIRST_CAPACITY = 64;
/** Share of places that may be taken before the part grows. */
const FULLEST = 0.9;
/** Bytes from which on memory is of the kind that can be given back; the system hands it out in whole pages. */
const RESIZABLE = 64 * 1024;
/** By how much a part grows: quickly while it is small, sparingly when it is large. */
const GROWTH = { small: 2, large: 1.15 };

/** Open-addressed table of 64-bit fingerprints in flat memory, with a number beside each when `valued`. */
export class FingerprintPart {
  size = 0;
  values: Uint32Array | undefined;
  #memory: ArrayBuffer;
  #high: Uint32Array;
  #low: Uint32Array;
  readonly #seed: number;

  constructor(seed: number, valued: boolean, capacity = FIRST_CAPACITY) {
    this.#seed = seed;
    const bytes = capacity * Uint32Array.BYTES_PER_ELEMENT;
    const total = bytes * (valued ? 3 : 2);
    // Resizable memory can be given back at once; what the collector has to find first piles up while tables grow.
    this.#memory = new ArrayBuffer(
      total,
      total >= RESIZABLE ? { maxByteLength: total } : undefined,
    );
    this.#high = new Uint32Array(this.#memory, 0, capacity);
    this.#low = new Uint32Array(this.#memory, bytes, capacity);
    this.values = valued ? new Uint32Array(this.#memory, 2 * bytes, capacity) : undefined;
  }

  /** Place of a fingerprint, or -1. `low` is never 0. */
  find(high: number, low: number): number {
    const place = this.#placeOf(high, low);
    return this.#low[place] === 0 ? -1 : place;
  }

  /** Place of a fingerprint, which is taken for it when it is new. */
  take(high: number, low: number): number {
    if (this.size + 1 > this.#high.length * FULLEST) this.#grow();
    const place = this.#placeOf(high, low);
    if (this.#low[place] === 0) {
      this.size += 1;
      this.#high[place] = high;
      this.#low[place] = low;
    }
    return place;
  }

  /** Gives every fingerprint and its number, 0 where there is none. */
  forEach(visit: (high: number, low: number, value: number) => void): void {
    const highs = this.#high;
    const lows = this.#low;
    const { values } = this;
    for (let place = 0; place < lows.length; place += 1) {
      const low = lows[place]!;
      if (low !== 0) visit(highs[place]!, low, values === undefined ? 0 : values[place]!);
    }
  }

  /** Gives the memory back; the part cannot be used any more. */
  release(): void {
    if (this.#memory.resizable) this.#memory.resize(0);
  }

  #placeOf(high: number, low: number): number {
    const highs = this.#high;
    const lows = this.#low;
    const capacity = lows.length;
    let place = mixed(high, low, this.#seed) % capacity;
    for (let found = lows[place]; found !== 0; found = lows[place]) {
      if (found === low && highs[place] === high) break;
      place = place + 1 === capacity ? 0 : place + 1;
    }
    return place;
  }

  #grow(): void {
    const growth = this.#memory.byteLength < RESIZABLE ? GROWTH.small : GROWTH.large;
    const capacity = Math.ceil(this.#high.length * growth);
    const larger = new FingerprintPart(this.#seed, this.values !== undefined, capacity);
    this.forEach((high, low, value) => {
      const place = larger.take(high, low);
      if (larger.values !== undefined) larger.values[place] = value;
    });
    this.release();
    this.#memory = larger.#memory;
    this.#high = larger.#high;
    this.#low = larger.#low;
    this.values = larger.values;
  }
}

/** A number of 32 bits that nobody who does not know the seed can foresee. */
export function mixed(high: number, low: number, seed: number): number {
  let bits = Math.imul(high ^ seed, 0x9e3779b1) ^ Math.imul(low + seed, 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 15), 0x2c1b3c6d);
  return (bits ^ (bits >>> 13)) >>> 0;
}
