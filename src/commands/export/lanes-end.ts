/**
 * Makes lanes wait for each other before one of them judges a span that was refused on its own: whether the span is
 * to blame shows by what the destination accepted in all lanes, and by what else it refused.
 */
export class LanesEnd {
  readonly #sending: Set<number>;
  /** Status of the refusal that each lane is waiting with. */
  readonly #held = new Map<number, number>();
  readonly #all: Promise<void>;
  #resolve: () => void = () => {};

  /** Nobody is waited for once the signal aborts. */
  constructor(lanes: number, signal: AbortSignal) {
    this.#sending = new Set(Array.from({ length: lanes }, (_, lane) => lane));
    this.#all = new Promise((resolve) => {
      this.#resolve = resolve;
    });
    signal.addEventListener('abort', () => this.#resolve(), { once: true });
  }

  /** Called when the lane has sent everything. */
  reached(lane: number): void {
    this.#sending.delete(lane);
    if (this.#sending.size === 0) this.#resolve();
  }

  /**
   * As `reached`, but with a span that was refused with this status. Resolves with the statuses of the other waiting
   * lanes.
   */
  async held(lane: number, status: number): Promise<readonly number[]> {
    this.#held.set(lane, status);
    this.reached(lane);
    await this.#all;
    return [...this.#held].filter(([other]) => other !== lane).map(([, theirs]) => theirs);
  }
}
