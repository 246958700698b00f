import type { TimedSpan } from './encoder.ts';
import { GrowingBuffer } from './growing-buffer.ts';
import { spanText } from './otlp-json-span.ts';

/** Bytes are worth handing on once this many are there. */
const ENOUGH_BYTES = 256 * 1024;

/** Spans of one resource and scope as OTLP JSON, with commas between them: a part of a document. */
export class SpanTexts {
  readonly #buffer = new GrowingBuffer(ENOUGH_BYTES * 2);
  /** Spans gathered since {@link clear}. */
  spans = 0;
  /** Nobody takes texts apart. */
  readonly ends = undefined;

  /** True when there is enough to be handed on. */
  add(span: TimedSpan): boolean {
    this.#buffer.write(this.spans === 0 ? spanText(span) : `,${spanText(span)}`);
    this.spans++;
    return this.#buffer.position >= ENOUGH_BYTES;
  }

  /** What has been gathered; valid until the next `add` or `clear`. */
  get bytes(): Uint8Array {
    return this.#buffer.bytes.subarray(0, this.#buffer.position);
  }

  clear(): void {
    this.#buffer.clear();
    this.spans = 0;
  }
}
