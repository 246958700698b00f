import { AgentStraceError } from '../errors.ts';

/** What zstd itself decodes by default: files that need more were not meant for general use. */
const MAX_WINDOW_BYTES = 128 * 1024 * 1024;

const MAGIC = 0xfd2fb528;
/** Without the lowest four bits, which may have any value. */
const SKIPPABLE_MAGIC = 0x184d2a5;
const DICTIONARY_BYTES = [0, 1, 2, 4];
const SIZE_BYTES = [0, 2, 4, 8];
/** Block type: one byte, repeated. */
const REPEATED = 1;

/**
 * Follows the frames of compressed bytes (RFC 8878) and throws `unreadable_input` at one that would make the decoder
 * hold more than 128 MiB. Bytes that are not a frame are left to the decoder.
 */
export class ZstdFrames {
  /** The part of a header that has arrived. */
  #begun = Buffer.alloc(0);
  /** Number of bytes up to the next header. */
  #skip = 0;
  #inFrame = false;
  #checksumBytes = 0;

  /** Looks at the next bytes. */
  see(bytes: Buffer): void {
    let rest = Buffer.concat([this.#begun, bytes]);
    for (;;) {
      const skipped = Math.min(this.#skip, rest.length);
      this.#skip -= skipped;
      rest = rest.subarray(skipped);
      const length = this.#skip > 0 ? undefined : this.#headerAt(rest);
      if (length === undefined) break;
      this.#skip = length;
    }
    this.#begun = rest;
  }

  /** Number of bytes up to the next header, this one included; undefined if it has not arrived completely. */
  #headerAt(bytes: Buffer): number | undefined {
    if (this.#inFrame) return bytes.length < 3 ? undefined : this.#block(bytes.readUIntLE(0, 3));
    if (bytes.length < 8) return undefined;
    const magic = bytes.readUInt32LE(0);
    if (magic >>> 4 === SKIPPABLE_MAGIC) return 8 + bytes.readUInt32LE(4);
    return magic === MAGIC ? this.#frame(bytes) : Number.POSITIVE_INFINITY;
  }

  #block(header: number): number {
    this.#inFrame = (header & 1) === 0;
    const size = ((header >> 1) & 3) === REPEATED ? 1 : header >> 3;
    return 3 + size + (this.#inFrame ? 0 : this.#checksumBytes);
  }

  #frame(bytes: Buffer): number | undefined {
    const descriptor = bytes.readUInt8(4);
    const isWhole = (descriptor & 32) !== 0;
    const sizeAt = 5 + (isWhole ? 0 : 1) + DICTIONARY_BYTES[descriptor & 3]!;
    const sizeBytes = SIZE_BYTES[descriptor >> 6]! || (isWhole ? 1 : 0);
    if (bytes.length < sizeAt + sizeBytes) return undefined;
    const window = isWhole ? wholeSize(bytes, sizeAt, sizeBytes) : windowSize(bytes.readUInt8(5));
    if (window > MAX_WINDOW_BYTES)
      throw new AgentStraceError(
        'unreadable_input',
        `cannot be decompressed: that would take ${Math.ceil(window / 2 ** 20)} MiB of memory, and at most 128 MiB are allowed`,
      );
    this.#inFrame = true;
    this.#checksumBytes = (descriptor & 4) === 0 ? 0 : 4;
    return sizeAt + sizeBytes;
  }
}

/** Size of a frame decoded in one segment, whose window is all of it. */
function wholeSize(bytes: Buffer, at: number, length: number): number {
  if (length === 8) return Number(bytes.readBigUInt64LE(at));
  return bytes.readUIntLE(at, length) + (length === 2 ? 256 : 0);
}

function windowSize(descriptor: number): number {
  const base = 2 ** (10 + (descriptor >> 3));
  return base + (base / 8) * (descriptor & 7);
}
