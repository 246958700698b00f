import type {
  HrTime,
  Link,
  Attributes as OtelAttributes,
  SpanContext,
  SpanStatus,
} from '@opentelemetry/api';
import type { InstrumentationScope } from '@opentelemetry/core';
import type { Resource } from '@opentelemetry/resources';
import type { ReadableSpan, TimedEvent } from '@opentelemetry/sdk-trace-base';
import type { Attributes, SpanKindNumber } from './mapper.ts';

/** Whole microseconds since the epoch as OpenTelemetry's [seconds, nanoseconds]. */
function hrTimeOf(micros: number): HrTime {
  const seconds = Math.floor(micros / 1_000_000);
  return [seconds, (micros - seconds * 1_000_000) * 1000];
}

class RecordedEvent implements TimedEvent {
  readonly name: string;
  readonly attributes: OtelAttributes;
  readonly droppedAttributesCount = 0;
  readonly #micros: number;

  constructor(name: string, micros: number, attributes: Attributes) {
    this.name = name;
    this.#micros = micros;
    this.attributes = attributes as OtelAttributes;
  }

  get time(): HrTime {
    return hrTimeOf(this.#micros);
  }
}

/** The parts of a {@link RecordedSpan}. Times are whole microseconds since the epoch. */
export interface RecordedSpanParts {
  readonly context: SpanContext;
  readonly parent: SpanContext | undefined;
  readonly name: string;
  readonly kind: SpanKindNumber;
  readonly startMicros: number;
  readonly endMicros: number;
  readonly status: SpanStatus;
  readonly attributes: Attributes;
  readonly events: readonly {
    readonly name: string;
    readonly micros: number;
    readonly attributes: Attributes;
  }[];
  readonly links: Link[];
  readonly resource: Resource;
  readonly scope: InstrumentationScope;
}

const NO_EVENTS: TimedEvent[] = [];
const NO_MICROS: readonly number[] = [];

/** A finished span that any OpenTelemetry exporter accepts, with its times also in whole microseconds. */
export class RecordedSpan implements ReadableSpan {
  readonly name: string;
  readonly kind: SpanKindNumber;
  readonly startMicros: number;
  readonly endMicros: number;
  readonly eventMicros: readonly number[];
  readonly status: SpanStatus;
  readonly attributes: OtelAttributes;
  readonly events: TimedEvent[];
  readonly links: Link[];
  readonly resource: Resource;
  readonly instrumentationScope: InstrumentationScope;
  readonly parentSpanContext?: SpanContext;
  readonly ended = true;
  readonly droppedAttributesCount = 0;
  readonly droppedEventsCount = 0;
  readonly droppedLinksCount = 0;
  // Not #private: spans adapted for a destination have the original span as their prototype.
  private readonly context: SpanContext;

  constructor(parts: RecordedSpanParts) {
    this.name = parts.name;
    this.kind = parts.kind;
    this.startMicros = parts.startMicros;
    this.endMicros = parts.endMicros;
    this.status = parts.status;
    this.attributes = parts.attributes as OtelAttributes;
    this.links = parts.links;
    this.resource = parts.resource;
    this.instrumentationScope = parts.scope;
    this.context = parts.context;
    if (parts.parent !== undefined) this.parentSpanContext = parts.parent;
    const none = parts.events.length === 0;
    this.eventMicros = none ? NO_MICROS : parts.events.map((event) => event.micros);
    this.events = none
      ? NO_EVENTS
      : parts.events.map((event) => new RecordedEvent(event.name, event.micros, event.attributes));
  }

  spanContext(): SpanContext {
    return this.context;
  }

  get startTime(): HrTime {
    return hrTimeOf(this.startMicros);
  }

  get endTime(): HrTime {
    return hrTimeOf(this.endMicros);
  }

  get duration(): HrTime {
    return hrTimeOf(this.endMicros - this.startMicros);
  }
}
