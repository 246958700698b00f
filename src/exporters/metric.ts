import type { Attributes } from '@opentelemetry/api';

/** One value of a gauge at one time. */
export interface GaugePoint {
  readonly name: string;
  /** UCUM unit; empty when the name already states it. */
  readonly unit: string;
  readonly description: string;
  /** Sent as a double, also if it is whole. */
  readonly value: number;
  /** Microseconds since the epoch. */
  readonly atMicros: number;
  readonly attributes: Attributes;
}

/** Consecutive points of one gauge share its name, unit and description. */
export function sameGauge(last: GaugePoint, next: GaugePoint): boolean {
  return (
    last.name === next.name && last.unit === next.unit && last.description === next.description
  );
}
