const ROOM_BYTES = 256 * 1024;
/** A UTF-16 unit has at most so many bytes in UTF-8. */
const MOST_BYTES = 3;

/** Where texts are encoded. */
export interface TextRoom {
  /** The bytes of `before` and the text as UTF-8, side by side. */
  encode(before: readonly Uint8Array[], text: string): Buffer;
}

/**
 * Encodes texts that are hashed and stored, so that each is encoded once; SQLite takes the bytes. Twice makes up a third
 * of what the hash chain costs. The bytes lie side by side in room that is used again, because room of its own for
 * each text costs a fifth of hashing it.
 */
export class EncodingRoom implements TextRoom {
  #bytes: Buffer | undefined;
  #used = 0;

  /** From now on, whatever was encoded before may be overwritten. */
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
