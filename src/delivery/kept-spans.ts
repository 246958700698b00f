import type { TimedSpan } from '../exporters/encoder.ts';

/** Spans of a trace that are kept in memory unless told otherwise. */
export const KEPT_SPANS = 2000;

/** The newest spans of a segment, in their final order; a destination that falls behind reads the store again. */
export class KeptSpans {
  readonly #most: number;
  #spans: TimedSpan[] = [];
  /** Spans before the first one that is kept. */
  #gone = 0;

  constructor(most = KEPT_SPANS) {
    this.#most = most;
  }

  /** Spans in memory. */
  get count(): number {
    return this.#spans.length;
  }

  /** All that were ever added. */
  get made(): number {
    return this.#gone + this.#spans.length;
  }

  add(spans: readonly TimedSpan[]): void {
    this.#spans.push(...spans);
    if (this.#spans.length > this.#most * 2) this.#forget(this.#spans.length - this.#most);
  }

  /** Spans from a position up to another one; undefined when they are no longer in memory. */
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
