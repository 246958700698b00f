const ROOM_BYTES = 256 * 1024;
/** Maximum number of UTF-8 bytes per UTF-16 unit. */
const MOST_BYTES = 3;

/** Memory into which texts are encoded. */
export interface TextRoom {
  /** Returns the bytes of `before` followed by the text as UTF-8, contiguously. */
  encode(before: readonly Uint8Array[], text: string): Buffer;
}

/**
 * Encodes each text that is hashed and stored only once; SQLite takes the bytes. Encoding twice makes up a third of the
 * cost of the hash chain. The bytes are contiguous in reused memory, because allocating memory for each text costs a
 * fifth of hashing it.
 */
export class EncodingRoom implements TextRoom {
  #bytes: Buffer | undefined;
  #used = 0;

  /** Allows everything encoded before to be overwritten. */
  clear(): void {
    this.#used = 0;
  }

  /** Valid until {@link clear}. */
  encode(before: readonly Uint8Array[], text: string): Buffer {
    let start = 0;
    for (const part of before) start += part.length;
    const most = start + text.length * MOST_BYTES;
    this.#bytes ??= Buffer.allocUnsafe(ROOM_BYTES);
    const fits = this.#used + most <= ROOM_BYTES;
    const from = fits ? this.#used : 0;
    const room = fits ? this.#bytes : Buffer.allocUnsafe(start + Buffer.byteLength(text));
    let at = from;
    for (const part of before) {
      room.set(part, at);
      at += part.length;
    }
    at += room.write(text, at, 'utf8');
    if (fits) this.#used = at;
    return room.subarray(from, at);
  }
}
