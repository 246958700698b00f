import type { SpanExporter } from '@opentelemetry/sdk-trace-base';

/** Where a span exporter sends, and for how long it tries. */
export interface SpanExporterOptions {
  /** A base URL, to which `/v1/traces` is appended, or the full URL of the traces. */
  readonly endpoint: string;
  /** Sent with every request. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** `http/protobuf` unless given. */
  readonly protocol?: 'http/protobuf' | 'http/json' | undefined;
  /** `gzip` unless given, and `none` for this machine itself. */
  readonly compression?: 'gzip' | 'none' | undefined;
  /** For each request, in milliseconds. Default 10,000. */
  readonly requestTimeoutMillis?: number | undefined;
  /** How long a request that fails is tried again, waits included, in milliseconds. Default 15,000; 0 tries once. */
  readonly retryForMillis?: number | undefined;
}

/**
 * A `SpanExporter` of OpenTelemetry that sends over OTLP/HTTP. It reads no store and sends only the spans it is given.
 * Throws at once where the endpoint, a header or the proxy that the environment names cannot be used.
 */
export declare function createSpanExporter(options: SpanExporterOptions): SpanExporter;
