import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';

/** Bytes of one request. `bytes` is valid until the encoder's next `tryAppend` or `reset`. */
export interface Payload {
  readonly bytes: Uint8Array;
  readonly contentType: 'application/json' | 'application/x-protobuf';
  readonly items: number;
}

/** Cuts batches by encoded bytes. `tryAppend` is false when the item does not fit beside those already there. */
export interface Encoder<T> {
  tryAppend(item: T): boolean;
  finish(): Payload;
  reset(): void;
}

/** A span with its times also as whole microseconds, so that neither bigint nor float arithmetic is needed. */
export interface TimedSpan extends ReadableSpan {
  readonly startMicros: number;
  readonly endMicros: number;
  readonly eventMicros: readonly number[];
}

export interface EncoderOptions {
  /** Maximum payload in bytes before compression. */
  readonly maxBytes: number;
  /** Maximum number of items in a payload; absent means no limit. */
  readonly maxItems?: number | undefined;
}
