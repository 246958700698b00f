import type { SessionFacts } from '../../session/session-facts.ts';

type Stated = Pick<SessionFacts, 'facts' | 'costAtMicros'>;

/** Sessions whose cost at their closing is remembered; the one closed first is forgotten first. */
const MOST_SESSIONS = 10_000;

/** The stated cost of sessions, in US dollars, when they were closed: a continuation counts from there. */
export class ClosedCosts {
  readonly #closed = new Map<number, { readonly usd: number; readonly run: unknown }>();

  /** `root` is the store's number of the session. */
  closed(root: number, { facts }: Stated): void {
    const usd = usdOf(facts);
    if (!Number.isFinite(usd)) return;
    this.#closed.delete(root);
    this.#closed.set(root, { usd, run: facts['cost_period'] });
    if (this.#closed.size > MOST_SESSIONS)
      this.#closed.delete(this.#closed.keys().next().value as number);
  }

  /** What is stated now, minus what had been stated when the session was closed. */
  since(root: number, stated: Stated): Stated {
    const { facts, costAtMicros } = stated;
    const before = this.#closed.get(root);
    const usd = usdOf(facts);
    // The counter of another run, or one that fell, started at zero.
    if (before === undefined || facts['cost_period'] !== before.run || !(usd >= before.usd))
      return stated;
    return { facts: { ...facts, cost_usd: String(usd - before.usd) }, costAtMicros };
  }
}

function usdOf(facts: Stated['facts']): number {
  return Number(facts['cost_usd'] ?? Number.NaN);
}
