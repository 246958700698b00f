import type { Attributes } from '@opentelemetry/api';

/**
 * What a request states about the producer of its items; compatible with OpenTelemetry's
 * `Resource`.
 */
export interface ProducerResource {
  readonly attributes: Attributes;
  readonly schemaUrl?: string | undefined;
}

/** Compatible with OpenTelemetry's `InstrumentationScope`. */
export interface ProducerScope {
  readonly name: string;
  readonly version?: string | undefined;
  readonly schemaUrl?: string | undefined;
}

/** For signals whose items all have the same producer. */
export interface Producer {
  readonly resource: ProducerResource;
  readonly scope: ProducerScope;
}
