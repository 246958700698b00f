import type { Annotation } from '../../store/annotations.ts';

/** A score that may be sent, and the span it is about. */
export interface SendableScore {
  readonly score: Annotation;
  /** Id that the trace has, or will have, at the destination. */
  readonly traceId: string;
  /** Absent if it is about the whole trace. */
  readonly spanId?: string | undefined;
}
