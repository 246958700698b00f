import type { TimedSpan } from '../exporters/encoder.ts';

/** Default number of spans of a trace kept in memory. */
export const KEPT_SPANS = 2000;

/** The newest spans of a segment, in their final order; a destination that falls behind reads the store instead. */
export class KeptSpans {
  readonly #most: number;
  #spans: TimedSpan[] = [];
  /** Number of spans before the first one in memory. */
  #gone = 0;

  constructor(most = KEPT_SPANS) {
    this.#most = most;
  }

  /** Number of spans in memory. */
  get count(): number {
    return this.#spans.length;
  }

  /** Number of spans ever added. */
  get made(): number {
    return this.#gone + this.#spans.length;
  }

  add(spans: readonly TimedSpan[]): void {
    this.#spans.push(...spans);
    if (this.#spans.length > this.#most * 2) this.#forget(this.#spans.length - this.#most);
  }

  /** Spans from one position to another; undefined when they are no longer in memory. */
  between(from: number, to: number): readonly TimedSpan[] | undefined {
    return from < this.#gone ? undefined : this.#spans.slice(from - this.#gone, to - this.#gone);
  }

  release(): void {
    this.#forget(this.#spans.length);
  }

  #forget(count: number): void {
    this.#spans = this.#spans.slice(count);
    this.#gone += count;
  }
}
