import type { TokenUsage } from './operation.ts';
import type { SessionFacts } from './session-facts.ts';

const SUMMED = [
  'input',
  'output',
  'cacheRead',
  'cacheWrite',
  'cacheWrite5m',
  'cacheWrite1h',
  'reasoning',
] as const;

const SESSION_COUNTERS = {
  input: 'usage_input',
  output: 'usage_output',
  cacheRead: 'usage_cache_read',
  cacheWrite: 'usage_cache_write',
  reasoning: 'usage_reasoning',
} as const;

/** Tokens of a session: the sum over its calls. */
export class SessionUsage {
  readonly #tokens: { [name in (typeof SUMMED)[number]]?: number } = {};
  #any = false;
  #lowerBound = false;

  add(usage: TokenUsage): void {
    this.#any = true;
    if (usage.basis === 'lower_bound') this.#lowerBound = true;
    for (const name of SUMMED) {
      const value = usage[name];
      if (value !== undefined) this.#tokens[name] = (this.#tokens[name] ?? 0) + value;
    }
  }

  /** Some agents record tokens only for the session; per field, the larger of that and the sum over calls counts. */
  total({ facts }: SessionFacts): TokenUsage | undefined {
    let usage: { -readonly [K in keyof TokenUsage]: TokenUsage[K] } | undefined = this.#any
      ? { ...this.#tokens, basis: this.#lowerBound ? 'lower_bound' : 'exact' }
      : undefined;
    for (const [field, fact] of Object.entries(SESSION_COUNTERS)) {
      const name = field as keyof typeof SESSION_COUNTERS;
      const stated = facts[fact];
      if (typeof stated !== 'number' || stated <= (usage?.[name] ?? -1)) continue;
      usage = { ...usage, basis: 'session_total', [name]: stated };
    }
    return usage;
  }
}
