import type { Cost, LlmCallOperation, TokenUsage } from './operation.ts';
import { RecentCosts } from './recent-costs.ts';
import type { SessionFacts } from './session-facts.ts';

/** Whole units per US dollar: their sum is the same in whatever order the calls come. */
const UNITS = 1e12;

/** Sums the cost of a session's calls, recorded and estimated separately. */
export class SessionCost {
  readonly #recent = new RecentCosts();
  #recorded: number | undefined;
  #estimated: number | undefined;
  #priceTable: string | undefined;
  /** Calls that stated tokens but have no known price. */
  #unpriced = 0;

  add({ cost, usage, endMicros }: LlmCallOperation): void {
    if (cost === undefined) {
      if (hasTokens(usage)) this.#unpriced++;
      return;
    }
    const units = unitsOf(cost.usd);
    this.#recent.add(endMicros, units);
    if (cost.basis === 'recorded') this.#recorded = (this.#recorded ?? 0) + units;
    else {
      this.#estimated = (this.#estimated ?? 0) + units;
      this.#priceTable = cost.priceTable;
    }
  }

  /** The total stated for the session, else the sum over its calls; undefined if neither is known. */
  total({ facts, costAtMicros }: Pick<SessionFacts, 'facts' | 'costAtMicros'>): Cost | undefined {
    const stated = Number(facts['cost_usd'] ?? Number.NaN);
    // An agent without a price for a model uses another model's; if we have a price for every call, ours is better.
    const isGuess = facts['cost_incomplete'] === true;
    const isKnown = this.#unpriced === 0 && this.#estimated !== undefined;
    if (Number.isFinite(stated) && !(isGuess && isKnown))
      return this.#withStated(stated, costAtMicros);
    const sum = this.#sum();
    return sum && this.#unpriced > 0 ? { ...sum, unpricedCalls: this.#unpriced } : sum;
  }

  #sum(): Cost | undefined {
    const recorded = this.#recorded;
    if (this.#estimated !== undefined)
      return this.#estimate((this.#estimated + (recorded ?? 0)) / UNITS);
    return recorded === undefined ? undefined : { usd: recorded / UNITS, basis: 'recorded' };
  }

  /** The stated total plus calls that ended after it was stated. */
  #withStated(statedUsd: number, atMicros: number | undefined): Cost {
    const since = atMicros === undefined ? undefined : this.#recent.after(atMicros);
    const usd = since === undefined ? statedUsd : (unitsOf(statedUsd) + since) / UNITS;
    return since === undefined || this.#estimated === undefined
      ? { usd: atLeast(usd, this.#recorded), basis: 'recorded' }
      : this.#estimate(usd);
  }

  #estimate(usd: number): Cost {
    return { usd, basis: 'estimated', priceTable: this.#priceTable };
  }
}

function unitsOf(usd: number): number {
  return Math.round(usd * UNITS);
}

function hasTokens({ input = 0, output = 0, cacheRead = 0 }: Partial<TokenUsage> = {}): boolean {
  return input + output + cacheRead > 0;
}

/** The larger of both: a stated total may omit subagents and later calls. Sums may differ in their last digits. */
function atLeast(statedUsd: number, ofCalls = 0): number {
  const usd = ofCalls / UNITS;
  return usd > statedUsd * (1 + 1e-9) ? usd : statedUsd;
}
