/**
 * Where lanes wait for each other before one judges a span that was refused alone: whose fault that is shows by what the
 * destination took of all of them, and by what else it refused.
 */
export class LanesEnd {
  readonly #sending: Set<number>;
  /** Status of the refusal that each lane was left with. */
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

  /** The lane has sent what it had. */
  reached(lane: number): void {
    this.#sending.delete(lane);
    if (this.#sending.size === 0) this.#resolve();
  }

  /** As `reached`, but for a span that was refused with this status. Resolves with what the other lanes are left with. */
  async held(lane: number, status: number): Promise<readonly number[]> {
    this.#held.set(lane, status);
    this.reached(lane);
    await this.#all;
    return [...this.#held].filter(([other]) => other !== lane).map(([, theirs]) => theirs);
  }
}
