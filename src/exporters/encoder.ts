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

/** A span whose times are also at hand as whole microseconds, so that no bigint or float arithmetic is needed. */
export interface TimedSpan extends ReadableSpan {
  readonly startMicros: number;
  readonly endMicros: number;
  readonly eventMicros: readonly number[];
}

export interface EncoderOptions {
  /** Largest payload in bytes before compression. */
  readonly maxBytes: number;
  /** Most items of one payload; no limit where absent. */
  readonly maxItems?: number | undefined;
}
