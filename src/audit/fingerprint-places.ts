const FIRST_HOMES = 64;
/** Load factor at which the table grows. */
const FULLEST = 0.9;
/** Growth factors: large while the table is small, small once it is large. */
const GROWTH = { few: 2, many: 1.1 };
/** Number of home places from which on the table counts as large. */
const MANY = 4096;
/** Extra places at the end for entries that overflow the last home places. */
const SPARE = 32;
/**
 * Address space, in bytes, reserved for a large table so that it can grow without being copied; costs nothing until
 * used.
 */
const RESERVED = 256 * 2 ** 20;

/**
 * Open-addressed table of 64-bit fingerprints in flat memory, each with a number beside it when `valued`. Entries are
 * ordered by their mixed fingerprints, so that the table can grow in place without a second copy.
 */
export class FingerprintPlaces {
  size = 0;
  readonly #seed: number;
  /** 32-bit words per place: low half, high half and, when valued, the value. */
  readonly #width: number;
  #homes = FIRST_HOMES;
  #memory: ArrayBuffer;
  #words: Uint32Array;
  #scratch = new Uint32Array(64);

  constructor(seed: number, valued: boolean) {
    this.#seed = seed;
    this.#width = valued ? 3 : 2;
    this.#memory = new ArrayBuffer(this.#bytesFor(FIRST_HOMES));
    this.#words = new Uint32Array(this.#memory);
  }

  /** Place of a fingerprint, or -1 when absent. `low` is never 0. */
  find(high: number, low: number): number {
    const place = this.#placeOf(high, low);
    return this.#words[place] === 0 ? -1 : place;
  }

  /** Place of a fingerprint, which is added when it is new. */
  take(high: number, low: number): number {
    if (this.size + 1 > this.#homes * FULLEST) this.#grow();
    const place = this.#placeOf(high, low);
    if (this.#words[place] === 0) {
      this.size += 1;
      this.#words[place] = low;
      this.#words[place + 1] = high;
    }
    return place;
  }

  value(place: number): number {
    return this.#words[place + 2]!;
  }

  setValue(place: number, value: number): void {
    this.#words[place + 2] = value;
  }

  forEachValue(visit: (value: number) => void): void {
    const words = this.#words;
    for (let place = 0; place < words.length; place += this.#width)
      if (words[place] !== 0) visit(words[place + 2]!);
  }

  /** Removes all entries; keeps the memory of a small table and releases that of a large one. */
  clear(): void {
    if (this.size === 0) return;
    this.size = 0;
    if (this.#homes < MANY) {
      this.#words.fill(0);
      return;
    }
    giveBack(this.#memory);
    this.#homes = FIRST_HOMES;
    this.#memory = new ArrayBuffer(this.#bytesFor(FIRST_HOMES));
    this.#words = new Uint32Array(this.#memory);
  }

  /** Place of the fingerprint, or the free place where it would go. */
  #placeOf(high: number, low: number): number {
    const words = this.#words;
    const width = this.#width;
    const { length } = words;
    let place = Math.floor((mixed(high, low, this.#seed) * this.#homes) / 2 ** 32) * width;
    for (; place < length; place += width) {
      const found = words[place];
      if (found === 0 || (found === low && words[place + 1] === high)) return place;
    }
    this.#resize(length * Uint32Array.BYTES_PER_ELEMENT + this.#bytesOf(SPARE));
    return place;
  }

  #grow(): void {
    const before = this.#words.length;
    this.#homes = Math.ceil(this.#homes * (this.#homes < MANY ? GROWTH.few : GROWTH.many));
    this.#resize(Math.max(this.#memory.byteLength, this.#bytesFor(this.#homes)));
    this.#spread(before);
  }

  /**
   * Moves the fingerprints to their places after the number of homes has grown. No entry moves to before the start of
   * its run of taken places, so the runs are moved one at a time, starting from the end.
   */
  #spread(before: number): void {
    const width = this.#width;
    for (let end = before; end > 0; ) {
      let start = end;
      while (start > 0 && this.#words[start - width] !== 0) start -= width;
      if (start < end) this.#moveRow(start, end);
      end = start === end ? end - width : start;
    }
  }

  #moveRow(start: number, end: number): void {
    const length = end - start;
    if (this.#scratch.length < length) this.#scratch = new Uint32Array(length * 2);
    const row = this.#scratch;
    for (let at = 0; at < length; at += 1) row[at] = this.#words[start + at]!;
    this.#words.fill(0, start, end);
    for (let at = 0; at < length; at += this.#width) {
      const place = this.#placeOf(row[at + 1]!, row[at]!);
      for (let word = 0; word < this.#width; word += 1) this.#words[place + word] = row[at + word]!;
    }
  }

  #resize(bytes: number): void {
    if (this.#memory.resizable && bytes <= this.#memory.maxByteLength) {
      this.#memory.resize(bytes);
      this.#words = new Uint32Array(this.#memory, 0, bytes / Uint32Array.BYTES_PER_ELEMENT);
      return;
    }
    const larger = this.#homes < MANY ? new ArrayBuffer(bytes) : growingMemory(bytes);
    const words = new Uint32Array(larger, 0, bytes / Uint32Array.BYTES_PER_ELEMENT);
    words.set(this.#words);
    giveBack(this.#memory);
    this.#memory = larger;
    this.#words = words;
  }

  #bytesFor(homes: number): number {
    return this.#bytesOf(homes + SPARE);
  }

  #bytesOf(places: number): number {
    return places * this.#width * Uint32Array.BYTES_PER_ELEMENT;
  }
}

/** Memory that can grow in place, or fixed memory when the system cannot reserve the addresses. */
function growingMemory(bytes: number): ArrayBuffer {
  try {
    return new ArrayBuffer(bytes, { maxByteLength: Math.max(RESERVED, bytes * 4) });
  } catch {
    return new ArrayBuffer(bytes);
  }
}

/** Releases memory at once, because it piles up while it waits for the garbage collector. */
function giveBack(memory: ArrayBuffer): void {
  if (memory.resizable) memory.resize(0);
}

/** A 32-bit hash that cannot be predicted without the seed. */
function mixed(high: number, low: number, seed: number): number {
  let bits = Math.imul(high ^ seed, 0x9e3779b1) ^ Math.imul(low + seed, 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 15), 0x2c1b3c6d);
  return (bits ^ (bits >>> 13)) >>> 0;
}
