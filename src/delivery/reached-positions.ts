const MOST = 1000;

/** Remembers when each position of a store was reached. Times are monotonic milliseconds. */
export class ReachedPositions {
  readonly #reached: { readonly at: number; seq: number }[] = [];

  reached(seq: number, now: number): void {
    const last = this.#reached.at(-1);
    if (last !== undefined && last.at === now) last.seq = seq;
    else this.#reached.push({ at: now, seq });
  }

  /** Newest position reached by that time; 0 when unknown. The oldest entries are discarded. */
  before(at: number): number {
    let seq = 0;
    for (const reached of this.#reached) {
      if (reached.at > at) break;
      seq = reached.seq;
    }
    while (this.#reached.length > MOST) this.#reached.shift();
    return seq;
  }
}
