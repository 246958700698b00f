import type { Cost, LlmCallOperation, TokenUsage } from './operation.ts';
import { RecentCosts } from './recent-costs.ts';
import type { SessionFacts } from './session-facts.ts';

/** Sums the cost of a session's calls, recorded and estimated separately. */
export class SessionCost {
  readonly #recent = new RecentCosts();
  #recordedUsd: number | undefined;
  #estimatedUsd: number | undefined;
  #priceTable: string | undefined;
  /** Calls that stated tokens but have no known price. */
  #unpriced = 0;

  add({ cost, usage, endMicros }: LlmCallOperation): void {
    if (cost === undefined) {
      if (hasTokens(usage)) this.#unpriced++;
      return;
    }
    this.#recent.add(endMicros, cost.usd);
    if (cost.basis === 'recorded') this.#recordedUsd = (this.#recordedUsd ?? 0) + cost.usd;
    else {
      this.#estimatedUsd = (this.#estimatedUsd ?? 0) + cost.usd;
      this.#priceTable = cost.priceTable;
    }
  }

  /** The total stated for the session, else the sum over its calls; undefined if neither is known. */
  total({ facts, costAtMicros }: Pick<SessionFacts, 'facts' | 'costAtMicros'>): Cost | undefined {
    const stated = Number(facts['cost_usd'] ?? Number.NaN);
    // An agent without a price for a model uses another model's; if we have a price for every call, ours is better.
    const isGuess = facts['cost_incomplete'] === true;
    const isKnown = this.#unpriced === 0 && this.#estimatedUsd !== undefined;
    if (Number.isFinite(stated) && !(isGuess && isKnown))
      return this.#withStated(stated, costAtMicros);
    const sum = this.#sum();
    return sum && this.#unpriced > 0 ? { ...sum, unpricedCalls: this.#unpriced } : sum;
  }

  #sum(): Cost | undefined {
    const recordedUsd = this.#recordedUsd;
    if (this.#estimatedUsd !== undefined)
      return this.#estimate(this.#estimatedUsd + (recordedUsd ?? 0));
    return recordedUsd === undefined ? undefined : { usd: recordedUsd, basis: 'recorded' };
  }

  /** The stated total plus calls that ended after it was stated. */
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

function hasTokens({ input = 0, output = 0, cacheRead = 0 }: Partial<TokenUsage> = {}): boolean {
  return input + output + cacheRead > 0;
}

/** The larger of both: a stated total may omit subagents and later calls. Sums may differ in their last digits. */
function atLeast(stated: number, ofCalls: number | undefined): number {
  return ofCalls !== undefined && ofCalls > stated * (1 + 1e-9) ? ofCalls : stated;
}
