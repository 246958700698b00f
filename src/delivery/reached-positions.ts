const MOST = 1000;

/** Remembers when which position of a store had been reached. Times are monotonic milliseconds. */
export class ReachedPositions {
  readonly #reached: { readonly at: number; seq: number }[] = [];

  reached(seq: number, now: number): void {
    const last = this.#reached.at(-1);
    if (last !== undefined && last.at === now) last.seq = seq;
    else this.#reached.push({ at: now, seq });
  }

  /** The newest position that had been reached by then; 0 where that is not known. Forgets the oldest ones. */
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
