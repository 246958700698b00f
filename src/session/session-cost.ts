import type { Cost, LlmCallOperation } from './operation.ts';
import { RecentCosts } from './recent-costs.ts';
import type { SessionFacts } from './session-facts.ts';

/** What the calls of a session have cost, recorded and estimated apart. */
export class SessionCost {
  readonly #recent = new RecentCosts();
  #recordedUsd: number | undefined;
  #estimatedUsd: number | undefined;
  #priceTable: string | undefined;
  /** A call stated tokens and has no price here. */
  #unpriced = false;

  add({ cost, usage, endMicros }: LlmCallOperation): void {
    if (cost === undefined) {
      if (usage !== undefined) this.#unpriced = true;
      return;
    }
    this.#recent.add(endMicros, cost.usd);
    if (cost.basis === 'recorded') this.#recordedUsd = (this.#recordedUsd ?? 0) + cost.usd;
    else {
      this.#estimatedUsd = (this.#estimatedUsd ?? 0) + cost.usd;
      this.#priceTable = cost.priceTable;
    }
  }

  /** What was stated for the whole session, else the sum over its calls; undefined where neither is known. */
  total({ facts, costAtMicros }: Pick<SessionFacts, 'facts' | 'costAtMicros'>): Cost | undefined {
    const stated = Number(facts['cost_usd'] ?? Number.NaN);
    // An agent that met a model it has no price for took another one's: where every call has a price here, ours is better.
    const isGuess = facts['cost_incomplete'] === true;
    const isKnown = !this.#unpriced && this.#estimatedUsd !== undefined;
    if (Number.isFinite(stated) && !(isGuess && isKnown))
      return this.#withStated(stated, costAtMicros);
    const recordedUsd = this.#recordedUsd;
    if (this.#estimatedUsd !== undefined)
      return this.#estimate(this.#estimatedUsd + (recordedUsd ?? 0));
    return recordedUsd === undefined ? undefined : { usd: recordedUsd, basis: 'recorded' };
  }

  /** What was stated, and what came after that was written. */
  #withStated(statedUsd: number, atMicros: number | undefined): Cost {
    const since = atMicros === undefined ? undefined : this.#recent.after(atMicros);
    const usd = statedUsd + (since ?? 0);
    return since === undefined || this.#estimatedUsd === undefined
      ? { usd: atLeast(usd, this.#recordedUsd), basis: 'recorded' }
      : this.#estimate(usd);
  }

  #estimate(usd: number): Cost {
    return { usd, basis: 'estimated', priceTable: this.#priceTable };
  }
}

/** An agent's own total may leave out subagents, and what came after it was written; sums differ in their last digits. */
function atLeast(stated: number, ofCalls: number | undefined): number {
  return ofCalls !== undefined && ofCalls > stated * (1 + 1e-9) ? ofCalls : stated;
}
