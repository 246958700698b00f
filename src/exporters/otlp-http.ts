import { accounting, createCounters, type TransportCounters } from './accounting.ts';
import { type BatchSender, createBatchSender } from './bisecting.ts';
import type { Destination } from './destination.ts';
import { adapting, spanAdapter } from './destination-span.ts';
import type { EncodedSpan } from './encoded-spans.ts';
import type { Encoder, EncoderOptions, TimedSpan } from './encoder.ts';
import { createHttpTransport } from './http-transport.ts';
import { createJsonTraceEncoder } from './otlp-json.ts';
import { createEncodedTraceEncoder, createProtobufTraceEncoder } from './otlp-protobuf.ts';
import { type AskedPause, type RetryNotice, retrying } from './retrying.ts';

/** How a run sends, to whatever destination. */
export interface SendSettings {
  /** For each request, in milliseconds (`--request-timeout`). */
  readonly deadlineMillis: number;
  /** For each payload, waits included, in milliseconds (`--retry-for`). */
  readonly retryForMillis: number;
  /** Most items of one request (`--batch-size`). */
  readonly batchItems: number;
  readonly userAgent?: string | undefined;
  /** Where the proxy variables are looked up; the process's own unless given. */
  readonly environment?: Readonly<Record<string, string | undefined>> | undefined;
  /** Ends waiting and further requests; the one in flight is finished. */
  readonly signal?: AbortSignal | undefined;
  readonly counters?: TransportCounters | undefined;
  readonly onRetry?: ((notice: RetryNotice) => void) | undefined;
  /** What the destination asked of all that send to it at the same time. */
  readonly pause?: AskedPause | undefined;
}

/** A sender with the connections it holds. */
export interface OpenSender<T> {
  readonly sender: BatchSender<T>;
  close(): Promise<void>;
}

/** Encodes spans for a destination: in its protocol, within its limits and those of `--batch-size`. */
export function createTraceEncoder(
  destination: Destination,
  settings: SendSettings,
): Encoder<TimedSpan> {
  const options = encoderOptions(destination, settings);
  const encoder =
    destination.protocol === 'http/json'
      ? createJsonTraceEncoder(options)
      : createProtobufTraceEncoder(options);
  return adapting(encoder, spanAdapter(destination, settings.environment));
}

/** Our own way out for spans that are encoded already, as protobuf and as the destination wants them. */
export function openEncodedOtlpHttp(
  destination: Destination,
  settings: SendSettings,
): OpenSender<EncodedSpan> {
  const encoder = createEncodedTraceEncoder(encoderOptions(destination, settings));
  return openOtlpHttp(destination, encoder, settings);
}

/** Batches are cut by the destination's limits and by `--batch-size`. */
export function encoderOptions(destination: Destination, settings: SendSettings): EncoderOptions {
  const most = destination.maxBatchItems ?? Number.POSITIVE_INFINITY;
  return { maxBytes: destination.maxRequestBytes, maxItems: Math.min(most, settings.batchItems) };
}

/** Our own way out: encoder, bisecting, retries, counting, HTTP. Throws `usage` for unusable headers or proxies. */
export function openOtlpHttp<T>(
  destination: Destination,
  encoder: Encoder<T>,
  settings: SendSettings,
): OpenSender<T> {
  const { userAgent, environment, signal, onRetry, pause, retryForMillis } = settings;
  const http = createHttpTransport(destination, { userAgent, environment });
  const counted = accounting(http, settings.counters ?? createCounters());
  const transport = retrying(counted, { budgetMillis: retryForMillis, signal, onRetry, pause });
  const { deadlineMillis } = settings;
  return {
    sender: createBatchSender({ encoder, transport, deadlineMillis, signal }),
    close: () => transport.close(),
  };
}
