/** Of more runs of one session than these, the newest are kept. */
const MOST_RUNS = 100;

interface Counter {
  least: number;
  most: number;
}

/**
 * What an agent stated that a session has cost so far, by the run that stated it. Order-free: the counter of a run only
 * grows, so that its largest value is the last one, and its smallest the first.
 */
export class RunCosts {
  readonly #runs = new Map<number, Counter>();
  #statedAt: number | undefined;

  /** When the newest total was stated, microseconds: nothing after it is in any. */
  get statedAt(): number | undefined {
    return this.#statedAt;
  }

  /** `run` is when the run began. */
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
   * The runs taken together. One that begins where the run before had come to, or above, may have taken up its counter:
   * it stands for both, so that nothing counts twice.
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
