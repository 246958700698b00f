/** Few calls follow a stated total; if there are more than this, the sum is a lower bound. */
const MOST_CALLS = 10_000;

/** Costs of the newest calls, so that those that ended after a stated total can be added to it. */
export class RecentCosts {
  readonly #ends: number[] = [];
  readonly #costs: number[] = [];
  #next = 0;

  add(endMicros: number, cost: number): void {
    this.#ends[this.#next] = endMicros;
    this.#costs[this.#next] = cost;
    this.#next = (this.#next + 1) % MOST_CALLS;
  }

  /** Sum over the calls that ended after an instant; undefined if there are none. */
  after(micros: number): number | undefined {
    let sum: number | undefined;
    for (const [at, end] of this.#ends.entries())
      if (end > micros) sum = (sum ?? 0) + this.#costs[at]!;
    return sum;
  }
}
