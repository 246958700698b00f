import type { Attributes } from '@opentelemetry/api';

/** One log record; with an event name it is an event, such as `gen_ai.evaluation.result`. */
export interface LogRecord {
  readonly eventName?: string | undefined;
  /** Microseconds since the epoch. */
  readonly atMicros: number;
  /** The span that the record is about; hex digits as on the span. */
  readonly traceId?: string | undefined;
  readonly spanId?: string | undefined;
  /** OTLP's severity number: 9 is INFO, 13 WARN, 17 ERROR. */
  readonly severityNumber?: number | undefined;
  readonly body?: string | undefined;
  readonly attributes: Attributes;
}
