/**
 * HalfSipHash-2-4 with 64 bits of output (Aumasson and Bernstein, SipHash) over the UTF-16 code units of a text, two
 * per word. Without the key nobody can choose texts that collide, and it costs a fraction of a cryptographic hash.
 */
export class TextFingerprint {
  /** The halves of the last fingerprint, unsigned. */
  high = 0;
  low = 0;
  readonly #key0: number;
  readonly #key1: number;

  /** Two random 32-bit words. */
  constructor(key0: number, key1: number) {
    this.#key0 = key0;
    this.#key1 = key1;
  }

  /** Computes the fingerprint of the text into {@link high} and {@link low}. */
  of(text: string): void {
    let a = this.#key0;
    let b = this.#key1 ^ 0xee;
    let c = 0x6c796765 ^ this.#key0;
    let d = 0x74656462 ^ this.#key1;
    const words = (text.length >>> 1) + 1;
    for (let step = 0; step < words + 2; step += 1) {
      let word = 0;
      if (step < words) word = wordAt(text, step * 2);
      else if (step === words) c ^= 0xee;
      else {
        this.low = (b ^ d) >>> 0;
        b ^= 0xdd;
      }
      d ^= word;
      for (let rounds = step < words ? 2 : 4; rounds > 0; rounds -= 1) {
        a = (a + b) | 0;
        b = ((b << 5) | (b >>> 27)) ^ a;
        a = (a << 16) | (a >>> 16);
        c = (c + d) | 0;
        d = ((d << 8) | (d >>> 24)) ^ c;
        a = (a + d) | 0;
        d = ((d << 7) | (d >>> 25)) ^ a;
        c = (c + b) | 0;
        b = ((b << 13) | (b >>> 19)) ^ c;
        c = (c << 16) | (c >>> 16);
      }
      a ^= word;
    }
    this.high = (b ^ d) >>> 0;
  }
}

/** The word at `at`: two code units. The last word holds at most one unit, and the length in its upper byte. */
function wordAt(text: string, at: number): number {
  const { length } = text;
  if (at + 1 < length) return text.charCodeAt(at) | (text.charCodeAt(at + 1) << 16);
  return (length << 24) | (at < length ? text.charCodeAt(at) : 0);
}
