import type { Cost, TokenUsage } from '../../session/operation.ts';

/**
 * Token counts as JSON text for `usage_details`. The parts are disjoint and add up to `total`: cached tokens are
 * subtracted from the input and reasoning from the output, because Langfuse sums and prices parts.
 */
export function usageDetails(usage: TokenUsage | undefined): string | undefined {
  if (usage === undefined) return undefined;
  const { input, output, cacheRead, cacheWrite, reasoning } = usage;
  const details: Record<string, number> = {};
  const put = (name: string, count: number | undefined) => {
    if (count !== undefined) details[name] = count;
  };
  put('input', rest(input, (cacheRead ?? 0) + (cacheWrite ?? 0)));
  put('input_cached_tokens', cacheRead);
  put('input_cache_creation', cacheWrite);
  put('output', rest(output, reasoning ?? 0));
  put('output_reasoning_tokens', reasoning);
  const counts = Object.values(details);
  if (counts.length === 0) return undefined;
  details.total = counts.reduce((sum, count) => sum + count, 0);
  return JSON.stringify(details);
}

function rest(whole: number | undefined, parts: number): number | undefined {
  return whole === undefined ? undefined : Math.max(0, whole - parts);
}

/** Cost in US dollars as JSON text for `cost_details`. */
export function costDetails(cost: Cost | undefined): string | undefined {
  return cost === undefined ? undefined : JSON.stringify({ total: cost.usd });
}
