import type { InstrumentationScope } from '@opentelemetry/core';
import type { Resource } from '@opentelemetry/resources';
import type { Encoder, EncoderOptions, Payload, TimedSpan } from './encoder.ts';
import { GrowingBuffer } from './growing-buffer.ts';
import { groupHead, groupTail, spanText } from './otlp-json-span.ts';

const OPEN = '{"resourceSpans":[';
const CLOSE = ']}';

/**
 * Encodes spans as one OTLP JSON `ExportTraceServiceRequest`. Consecutive spans with the same resource and
 * scope objects share an entry. An empty encoder takes its first span whatever its size, so the caller
 * sees from `finish().bytes.length` that one span alone is over `maxBytes`. Call `reset` after `finish`.
 */
export function createJsonTraceEncoder(options: EncoderOptions): Encoder<TimedSpan> {
  return new JsonTraceEncoder(options);
}

class JsonTraceEncoder implements Encoder<TimedSpan> {
  readonly #maxBytes: number;
  readonly #maxItems: number;
  readonly #buffer: GrowingBuffer;
  #items = 0;
  #resource: Resource | undefined;
  #scope: InstrumentationScope | undefined;
  #tail = '';

  constructor(options: EncoderOptions) {
    this.#maxBytes = options.maxBytes;
    this.#maxItems = options.maxItems ?? Number.POSITIVE_INFINITY;
    this.#buffer = new GrowingBuffer(options.maxBytes);
  }

  tryAppend(span: TimedSpan): boolean {
    if (this.#items >= this.#maxItems) return false;
    const buffer = this.#buffer;
    const before = buffer.position;
    const sameGroup = span.resource === this.#resource && span.instrumentationScope === this.#scope;
    const tail = sameGroup ? this.#tail : groupTail(span.resource, span.instrumentationScope);
    if (sameGroup) buffer.write(',');
    else buffer.write(this.#between(span));
    buffer.write(spanText(span));
    const tooLong = buffer.position + Buffer.byteLength(tail) + CLOSE.length > this.#maxBytes;
    if (tooLong && this.#items > 0) {
      buffer.position = before;
      return false;
    }
    this.#resource = span.resource;
    this.#scope = span.instrumentationScope;
    this.#tail = tail;
    this.#items++;
    return true;
  }

  /** What stands between the last span and the first of another resource or scope. */
  #between(span: TimedSpan): string {
    const head = groupHead(span.resource, span.instrumentationScope);
    return this.#items === 0 ? OPEN + head : `${this.#tail},${head}`;
  }

  finish(): Payload {
    const buffer = this.#buffer;
    const end = buffer.position;
    buffer.write(this.#items === 0 ? OPEN + CLOSE : this.#tail + CLOSE);
    const bytes = buffer.bytes.subarray(0, buffer.position);
    buffer.position = end;
    return { bytes, contentType: 'application/json', items: this.#items };
  }

  reset(): void {
    this.#buffer.clear();
    this.#items = 0;
    this.#resource = undefined;
    this.#scope = undefined;
    this.#tail = '';
  }
}
