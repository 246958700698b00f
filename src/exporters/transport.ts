import type { Payload } from './encoder.ts';
import type { Outcome } from './outcome.ts';

/** Sends one payload. `deadlineMillis` limits the whole exchange, in milliseconds from now. */
export interface Transport {
  post(payload: Payload, deadlineMillis: number, signal?: AbortSignal): Promise<Outcome>;
  close(): Promise<void>;
}
