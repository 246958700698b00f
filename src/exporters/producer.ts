import type { Attributes } from '@opentelemetry/api';

/** What a request tells of who produced its items. OpenTelemetry's `Resource` is one. */
export interface ProducerResource {
  readonly attributes: Attributes;
  readonly schemaUrl?: string | undefined;
}

/** OpenTelemetry's `InstrumentationScope` is one. */
export interface ProducerScope {
  readonly name: string;
  readonly version?: string | undefined;
  readonly schemaUrl?: string | undefined;
}

/** For signals whose items all come from one producer. */
export interface Producer {
  readonly resource: ProducerResource;
  readonly scope: ProducerScope;
}
