import { NOT_CANONICAL } from './canonical-scan.ts';

const PLAIN_STOP = /["\\\u0000-\u001f]/g;
const TOKEN_STOP = /[^-+.0-9A-Za-z]/g;
const LONGEST_TOKEN = 64;
/** The engine copies shorter parts; for a longer one, keeping the text around it in memory is worth it. */
const SHORTEST_PART = 13;
const LONGEST_COPIED = 16 * 1024;
const NOTHING = new Uint8Array(0);

type Fail = (code: 'E_PARSE' | 'E_UNICODE' | 'E_LIMIT', message: string) => never;

/** The part of a UTF-8 text that is currently being read: earlier parts are discarded, later ones not yet decoded. */
export class TextWindow {
  readonly #chunks: Iterator<Uint8Array>;
  readonly #decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  readonly #fail: Fail;
  readonly #maxBytes: number;
  #text = '';
  #at = 0;
  #forgotten = 0;
  #bytes = 0;
  #ended = false;
  #cut: Uint8Array = NOTHING;

  constructor(chunks: Iterable<Uint8Array>, maxBytes: number, fail: Fail) {
    this.#chunks = chunks[Symbol.iterator]();
    this.#maxBytes = maxBytes;
    this.#fail = fail;
  }

  /** UTF-16 units read so far. */
  get offset(): number {
    return this.#forgotten + this.#at;
  }

  /** Next character that is not white space, without consuming it; empty at the end. */
  peek(): string {
    for (;;) {
      const text = this.#text;
      while (this.#at < text.length && isSpace(text.charCodeAt(this.#at))) this.#at += 1;
      if (this.#at < text.length) return text[this.#at]!;
      if (!this.#more()) return '';
    }
  }

  /** Code of the character that stopped {@link plainRun}, or -1 at the end of the document. */
  code(): number {
    return this.#at < this.#text.length ? this.#text.charCodeAt(this.#at) : -1;
  }

  /** Consumes one character. */
  advance(): void {
    this.#at += 1;
  }

  /**
   * Consumes and returns everything before the next quote, backslash or control character; stops early once that is
   * longer than `limit`.
   */
  plainRun(limit: number): string {
    let run = '';
    for (;;) {
      PLAIN_STOP.lastIndex = this.#at;
      const found = PLAIN_STOP.exec(this.#text);
      const end = found === null ? this.#text.length : found.index;
      run += this.#text.slice(this.#at, end);
      this.#at = end;
      if (found !== null || run.length > limit || !this.#more()) return run;
    }
  }

  /** Consumes and returns exactly `length` characters. */
  take(length: number): string {
    while (this.#text.length - this.#at < length && this.#more()) {}
    if (this.#text.length - this.#at < length)
      this.#fail('E_PARSE', 'the document ends inside a string');
    const taken = this.#text.slice(this.#at, this.#at + length);
    this.#at += length;
    return taken;
  }

  /**
   * Consumes and returns the text up to the end found by `measure`. Returns undefined and consumes nothing when there
   * is no end within the next `limit` units or the document ends first.
   */
  takeMeasured(measure: (text: string, at: number) => number, limit: number): string | undefined {
    for (;;) {
      const end = measure(this.#text, this.#at);
      if (end - this.#at > limit) return undefined;
      if (end >= 0) {
        const taken = this.#text.slice(this.#at, end);
        this.#at = end;
        return taken;
      }
      const isLong = this.#text.length - this.#at > limit;
      if (end === NOT_CANONICAL || isLong || !this.#more()) return undefined;
    }
  }

  /** Consumes and returns a number or a word. */
  token(): string {
    let token = '';
    for (;;) {
      TOKEN_STOP.lastIndex = this.#at;
      const found = TOKEN_STOP.exec(this.#text);
      const end = found === null ? this.#text.length : found.index;
      token += this.#text.slice(this.#at, end);
      this.#at = end;
      if (token.length > LONGEST_TOKEN || found !== null || !this.#more()) return token;
    }
  }

  #more(): boolean {
    if (this.#ended) return false;
    const next = this.#chunks.next();
    const decoded = next.done === true ? this.#decode() : this.#decode(next.value);
    if (next.done === true) this.#ended = true;
    else this.#count(next.value.length);
    this.#forget(decoded);
    return decoded !== '' || !this.#ended;
  }

  #forget(decoded: string): void {
    if (this.offset === 0 && this.#text === '' && decoded.charCodeAt(0) === 0xfeff) {
      this.#fail('E_PARSE', 'the document starts with a byte order mark');
    }
    this.#forgotten += this.#at;
    // `join` gives a flat string, in which single characters are read faster than in the result of `+`.
    this.#text = [this.#text.slice(this.#at), decoded].join('');
    this.#at = 0;
  }

  #count(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes > this.#maxBytes) this.#fail('E_LIMIT', 'the document is too large');
  }

  /** Keeps a character cut by the end of a chunk until the next chunk; leaving this to the decoder is slower. */
  #decode(chunk: Uint8Array = NOTHING): string {
    const bytes = this.#cut.length === 0 ? chunk : Buffer.concat([this.#cut, chunk]);
    const end = chunk === NOTHING ? bytes.length : wholeCharacters(bytes);
    this.#cut = end === bytes.length ? NOTHING : Uint8Array.from(bytes.subarray(end));
    try {
      return this.#decoder.decode(bytes.subarray(0, end));
    } catch {
      return this.#fail('E_UNICODE', 'the document is not UTF-8');
    }
  }
}

/** A copy of the string for keeping: a slice would keep the whole text that was read in memory as long as it lives. */
export function ownCopy(run: string): string {
  return run.length < SHORTEST_PART || run.length > LONGEST_COPIED ? run : JSON.parse(`"${run}"`);
}

/** Number of bytes without an incomplete character at their end. */
function wholeCharacters(bytes: Uint8Array): number {
  const { length } = bytes;
  for (let back = 1; back <= Math.min(3, length); back += 1) {
    const byte = bytes[length - back]!;
    if (byte < 0x80) return length;
    if (byte < 0xc0) continue;
    const needed = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
    return needed > back ? length - back : length;
  }
  return length;
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
}
