/** Calls after a statement of what all has cost are few: more than these make the sum a lower bound. */
const MOST_CALLS = 10_000;

/** Costs of the newest calls, so that those which ended after a statement of the whole can be added to it. */
export class RecentCosts {
  readonly #ends: number[] = [];
  readonly #usd: number[] = [];
  #next = 0;

  add(endMicros: number, usd: number): void {
    this.#ends[this.#next] = endMicros;
    this.#usd[this.#next] = usd;
    this.#next = (this.#next + 1) % MOST_CALLS;
  }

  /** Of those that ended after an instant; undefined when there is none. */
  after(micros: number): number | undefined {
    let sum: number | undefined;
    for (const [at, end] of this.#ends.entries())
      if (end > micros) sum = (sum ?? 0) + this.#usd[at]!;
    return sum;
  }
}
