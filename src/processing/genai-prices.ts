import { createRequire } from 'node:module';
import type { Cost, TokenUsage } from '../session/operation.ts';
import {
  createPriceFinder,
  type ModelPrice,
  type Price,
  type PriceFinder,
  type PriceTable,
} from './price-table.ts';
import type { PriceLookup } from './pricing.ts';

/** The pinned price library; named with every estimate and in the delivery profile. */
export const PRICE_TABLE = 'genai-prices 0.1.8';

/** Names used by the conventions and by agents that the library spells differently. */
const PROVIDER_IDS: { readonly [name: string]: string } = {
  x_ai: 'x-ai',
  xai: 'x-ai',
  'aws.bedrock': 'aws',
  'gcp.gemini': 'google',
  'gcp.gen_ai': 'google',
  'gcp.vertex_ai': 'google',
  'azure.ai.openai': 'azure',
  'azure.ai.inference': 'azure',
  moonshot_ai: 'moonshotai',
};

/** Prices change only at quarter hours; within one, a model is looked up once. */
const PERIOD_MICROS = 15 * 60 * 1_000_000;
const MAX_REMEMBERED = 1000;

let lookup: PriceLookup | undefined;

/**
 * Estimates from the built-in table, which is read when the first call is priced. Nothing is fetched from the
 * network.
 */
export const estimatedPrice: PriceLookup = (...call) => {
  lookup ??= createPriceLookup(createRequire(import.meta.url)('./prices.json') as PriceTable);
  return lookup(...call);
};

/** Estimates from the prices in `table`. */
export function createPriceLookup(table: PriceTable): PriceLookup {
  const find = createPriceFinder(table);
  const known = new Map<string, ModelPrice | undefined>();

  function pricesOf(
    model: string,
    provider: string | undefined,
    atMicros: number,
  ): ModelPrice | undefined {
    const period = Math.floor(atMicros / PERIOD_MICROS);
    const key = `${period} ${provider ?? ''} ${model}`;
    if (known.has(key)) return known.get(key);
    const prices = findPrices(find, model, provider, (period * PERIOD_MICROS) / 1000);
    if (known.size >= MAX_REMEMBERED) known.clear();
    known.set(key, prices);
    return prices;
  }

  return (usage, model, provider, atMicros) => {
    const prices = pricesOf(model, provider, atMicros);
    return prices && costOf(usage, prices);
  };
}

function findPrices(
  find: PriceFinder,
  model: string,
  provider: string | undefined,
  at: number,
): ModelPrice | undefined {
  const attempts: (string | undefined)[] = [];
  if (provider !== undefined) attempts.push(PROVIDER_IDS[provider] ?? provider);
  else if (/^(?:[a-z]{2,6}\.)?(?:anthropic|amazon|meta|mistral|cohere|deepseek)\.[a-z]/.test(model))
    attempts.push('aws');
  attempts.push(undefined);
  // Routers write models like this, and agents behind them record the name without saying which router it is.
  if (/^[a-z-]+\/[^/]+$/.test(model)) attempts.push('openrouter');
  for (const id of attempts) {
    const prices = find(model, id, at);
    if (prices !== undefined) return prices;
  }
  return undefined;
}

/**
 * The input count is the total: tokens read from or written to the cache are subtracted from it and priced
 * separately. If a model has no price for a kind of token, the price of the enclosing kind applies, as in the
 * library.
 */
function costOf(usage: TokenUsage, prices: ModelPrice): Cost | undefined {
  if (usage.input === undefined || usage.output === undefined) return undefined;
  const oneHour = usage.cacheWrite1h ?? 0;
  const written = Math.max(usage.cacheWrite ?? 0, oneHour + (usage.cacheWrite5m ?? 0));
  const read = usage.cacheRead ?? 0;
  const input = Math.max(usage.input, read + written);
  const output = usage.output;
  const perInput = rate(prices.input_mtok, input);
  const perOutput = rate(prices.output_mtok, input);
  if ((input > 0 && perInput === undefined) || (output > 0 && perOutput === undefined))
    return undefined;
  const perRead = rate(prices.cache_read_mtok, input) ?? perInput ?? 0;
  const perWrite = rate(prices.cache_write_mtok, input) ?? perInput ?? 0;
  const perHourWrite = rate(prices.cache_write_1h_mtok, input) ?? perWrite;
  const millionths =
    (input - read - written) * (perInput ?? 0) +
    read * perRead +
    (written - oneHour) * perWrite +
    oneHour * perHourWrite +
    output * (perOutput ?? 0);
  return { usd: millionths / 1e6, basis: 'estimated', priceTable: PRICE_TABLE };
}

function rate(price: Price | undefined, totalInput: number): number | undefined {
  if (price === undefined || typeof price === 'number') return price;
  let result = price.base;
  let from = -1;
  for (const tier of price.tiers) {
    if (totalInput > tier.start && tier.start > from) {
      from = tier.start;
      result = tier.price;
    }
  }
  return result;
}
