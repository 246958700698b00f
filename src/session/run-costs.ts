/** If one session has more runs, the newest are kept. */
const MOST_RUNS = 100;

interface Counter {
  least: number;
  most: number;
}

/**
 * Total costs that an agent stated for a session, by the run that stated them. Independent of order: the counter of a
 * run only grows, so its largest value is the last and its smallest the first.
 */
export class RunCosts {
  readonly #runs = new Map<number, Counter>();
  #statedAt: number | undefined;

  /** When the newest total was stated, in microseconds; no total includes anything later. */
  get statedAt(): number | undefined {
    return this.#statedAt;
  }

  /** `run` is the time at which the run began. */
  add(run: number, usd: number, atMicros: number): void {
    this.#statedAt = Math.max(this.#statedAt ?? atMicros, atMicros);
    const known = this.#runs.get(run);
    if (known === undefined) this.#runs.set(run, { least: usd, most: usd });
    else {
      known.least = Math.min(known.least, usd);
      known.most = Math.max(known.most, usd);
    }
    if (this.#runs.size > MOST_RUNS) this.#runs.delete(Math.min(...this.#runs.keys()));
  }

  /**
   * Sum over the runs. A run whose counter starts at or above where the previous run ended may have continued that
   * counter: it then counts for both, so that nothing counts twice.
   */
  total(): number | undefined {
    const runs = [...this.#runs].sort(([a], [b]) => a - b).map(([, counter]) => counter);
    if (runs.length === 0) return undefined;
    return runs.reduce((sum, { most }, index) => {
      const next = runs[index + 1];
      return next !== undefined && next.least >= most ? sum : sum + most;
    }, 0);
  }
}
