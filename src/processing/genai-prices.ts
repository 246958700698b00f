import type { Cost, TokenUsage } from '../session/operation.ts';
import type { PriceLookup } from './pricing.ts';

/** The pinned price library; stands beside every estimate and in the delivery profile. */
export const PRICE_TABLE = 'genai-prices 0.1.8';

/** Dollars per million tokens, possibly dearer from a size of the whole input on. */
type Price =
  | number
  | {
      readonly base: number;
      readonly tiers: readonly { readonly start: number; readonly price: number }[];
    };
interface ModelPrice {
  readonly input_mtok?: Price;
  readonly output_mtok?: Price;
  readonly cache_read_mtok?: Price;
  readonly cache_write_mtok?: Price;
  readonly cache_write_1h_mtok?: Price;
}

interface Library {
  calcPrice(
    usage: { readonly input_tokens: number },
    model: string,
    options: { readonly providerId?: string; readonly timestamp: Date },
  ): { readonly model_price: ModelPrice } | null;
}

/** Names of the conventions and of agents that the library writes differently. */
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

/** Prices change at most at quarter hours; within one, a model is looked up once. */
const PERIOD_MICROS = 15 * 60 * 1_000_000;
const MAX_REMEMBERED = 1000;

const LIBRARY = '@pydantic/genai-prices';
let installed: PriceLookup | undefined | null = null;

/**
 * The lookup; undefined where the library is not installed. Its price data is loaded with the first call that has to
 * be priced, because that takes longer than starting Node. Nothing is fetched from a network.
 */
export function genaiPrices(): PriceLookup | undefined {
  if (installed === null) installed = findLibrary();
  return installed;
}

/** The same for who need not know beforehand whether the library is there: even finding it takes a while. */
export const estimatedPrice: PriceLookup = (...call) => genaiPrices()?.(...call);

function findLibrary(): PriceLookup | undefined {
  const require = process.getBuiltinModule('node:module').createRequire(import.meta.url);
  try {
    require.resolve(LIBRARY);
  } catch {
    return undefined;
  }
  let lookup: PriceLookup | undefined;
  return (...call) => {
    lookup ??= createPriceLookup(require(LIBRARY) as Library);
    return lookup(...call);
  };
}

function createPriceLookup(library: Library): PriceLookup {
  const known = new Map<string, ModelPrice | null>();

  function pricesOf(
    model: string,
    provider: string | undefined,
    atMicros: number,
  ): ModelPrice | null {
    const period = Math.floor(atMicros / PERIOD_MICROS);
    const key = `${period} ${provider ?? ''} ${model}`;
    let prices = known.get(key);
    if (prices === undefined) {
      prices = findPrices(library, model, provider, new Date((period * PERIOD_MICROS) / 1000));
      if (known.size >= MAX_REMEMBERED) known.clear();
      known.set(key, prices);
    }
    return prices;
  }

  return (usage, model, provider, atMicros) => {
    const prices = pricesOf(model, provider, atMicros);
    return prices === null ? undefined : costOf(usage, prices);
  };
}

function findPrices(
  library: Library,
  model: string,
  provider: string | undefined,
  timestamp: Date,
): ModelPrice | null {
  const attempts: ({ providerId: string; timestamp: Date } | { timestamp: Date })[] = [];
  if (provider !== undefined)
    attempts.push({ providerId: PROVIDER_IDS[provider] ?? provider, timestamp });
  else if (/^(?:[a-z]{2,6}\.)?(?:anthropic|amazon|meta|mistral|cohere|deepseek)\.[a-z]/.test(model))
    attempts.push({ providerId: 'aws', timestamp });
  attempts.push({ timestamp });
  // A router's way to write a model, which agents behind it record without saying who the router is.
  if (/^[a-z-]+\/[^/]+$/.test(model)) attempts.push({ providerId: 'openrouter', timestamp });
  for (const options of attempts) {
    try {
      const result = library.calcPrice({ input_tokens: 1 }, model, options);
      if (result !== null) return result.model_price;
    } catch {
      // A model whose price data the library itself refuses has no known price.
    }
  }
  return null;
}

/**
 * Input is the total: what was read from or written to the cache is taken out of it and priced apart.
 * Where a model has no price for a kind of token, the kind it belongs to is charged, as the library does.
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
