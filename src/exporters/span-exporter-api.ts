import type { SpanExporter } from '@opentelemetry/sdk-trace-base';

/** Where a span exporter sends, and for how long it tries. */
export interface SpanExporterOptions {
  /** A base URL, to which `/v1/traces` is appended, or the full URL for traces. */
  readonly endpoint: string;
  /** Sent with every request. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Default `http/protobuf`. */
  readonly protocol?: 'http/protobuf' | 'http/json' | undefined;
  /** Default `gzip`, or `none` to this machine itself. */
  readonly compression?: 'gzip' | 'none' | undefined;
  /** For each request, in milliseconds, above 0. Default 10,000. */
  readonly requestTimeoutMillis?: number | undefined;
  /** How long a failing request is retried, including waits, in milliseconds. Default 15,000; 0 tries once. */
  readonly retryForMillis?: number | undefined;
}

/**
 * An OpenTelemetry `SpanExporter` that sends over OTLP/HTTP. It reads no store and sends only the spans it is given.
 * Throws at once when an option or the proxy named by the environment cannot be used.
 */
export declare function createSpanExporter(options: SpanExporterOptions): SpanExporter;
