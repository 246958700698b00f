/** Dollars per million tokens, possibly higher above a certain size of the whole input. */
export type Price =
  | number
  | {
      readonly base: number;
      readonly tiers: readonly { readonly start: number; readonly price: number }[];
    };

export interface ModelPrice {
  readonly input_mtok?: Price;
  readonly output_mtok?: Price;
  readonly cache_read_mtok?: Price;
  readonly cache_write_mtok?: Price;
  readonly cache_write_1h_mtok?: Price;
}

/** A condition on a name, case-insensitive except for regular expressions. */
type NameMatch =
  | { readonly or: readonly NameMatch[] }
  | { readonly and: readonly NameMatch[] }
  | { readonly equals: string }
  | { readonly starts_with: string }
  | { readonly ends_with: string }
  | { readonly contains: string }
  | { readonly regex: string };

/** From a day on, or between two times of each day such as `16:30:00Z`. */
type Validity =
  | { readonly type: 'start_date'; readonly start_date: string }
  | { readonly type: 'time_of_date'; readonly start_time: string; readonly end_time: string };

interface PricedModel {
  readonly match: NameMatch;
  /** The only prices, or prices for different times: the last one that applies is used. */
  readonly prices:
    | ModelPrice
    | readonly { readonly constraint?: Validity; readonly prices: ModelPrice }[];
}

interface PricedProvider {
  readonly id: string;
  readonly provider_match?: NameMatch;
  readonly model_match?: NameMatch;
  /** Providers whose models this provider sells under their own names. */
  readonly fallback_model_providers?: readonly string[];
  /** A list of {@link PricedModel} as JSON text. */
  readonly models: string;
}

/** What `scripts/price-table.mjs` copies from the price library, with the library's own names. */
export type PriceTable = readonly PricedProvider[];

/** Finds what a model cost at a time, in Unix milliseconds; undefined if the table does not say. */
export type PriceFinder = (
  model: string,
  provider: string | undefined,
  at: number,
) => ModelPrice | undefined;

/** Finds prices as the library does from which the table comes; a test compares both for every model. */
export function createPriceFinder(table: PriceTable): PriceFinder {
  const parsed = new Map<PricedProvider, readonly PricedModel[]>();

  function modelsOf(provider: PricedProvider): readonly PricedModel[] {
    const known = parsed.get(provider);
    if (known !== undefined) return known;
    const models = JSON.parse(provider.models) as PricedModel[];
    parsed.set(provider, models);
    return models;
  }

  function modelOf(provider: PricedProvider, name: string): PricedModel | undefined {
    const own = modelsOf(provider).find(({ match }) => matches(match, name));
    if (own !== undefined) return own;
    for (const id of provider.fallback_model_providers ?? []) {
      const other = table.find((candidate) => candidate.id === id);
      const found = other && modelsOf(other).find(({ match }) => matches(match, name));
      if (found !== undefined) return found;
    }
    return undefined;
  }

  return (model, providerName, at) => {
    const { name, provider } = sellerOf(table, model.toLowerCase().trim(), providerName);
    if (provider === undefined) return undefined;
    const found = modelOf(provider, name) ?? modelOf(provider, withDashedDate(name));
    return found && pricesAt(found, at);
  };
}

/** Who sells a model, and under which name. */
function sellerOf(
  table: PriceTable,
  model: string,
  providerName = '',
): { readonly name: string; readonly provider: PricedProvider | undefined } {
  const id = providerName.toLowerCase().trim();
  const [, routed = '', rest = ''] = /^([^/]+)\/(.+)$/.exec(model) ?? [];
  const behind = id === 'litellm' && routed !== '' ? namedProvider(table, routed) : undefined;
  if (behind !== undefined) return { name: rest, provider: behind };
  const named = id === '' ? undefined : namedProvider(table, id);
  if (named !== undefined || (id !== '' && id !== 'litellm'))
    return { name: model, provider: named };
  const maker = table.find(
    ({ model_match: match }) => match !== undefined && matches(match, model),
  );
  return { name: model, provider: maker };
}

function namedProvider(table: PriceTable, id: string): PricedProvider | undefined {
  return (
    table.find((provider) => provider.id === id) ??
    table.find(({ provider_match: match }) => match !== undefined && matches(match, id))
  );
}

function matches(match: NameMatch, name: string): boolean {
  if ('or' in match) return match.or.some((one) => matches(one, name));
  if ('and' in match) return match.and.every((one) => matches(one, name));
  if ('regex' in match) return new RegExp(match.regex).test(name);
  const lower = name.toLowerCase();
  if ('equals' in match) return lower === match.equals.toLowerCase();
  if ('starts_with' in match) return lower.startsWith(match.starts_with.toLowerCase());
  if ('ends_with' in match) return lower.endsWith(match.ends_with.toLowerCase());
  return lower.includes(match.contains.toLowerCase());
}

/** Writes the date in `gpt-4o-20240806` as in `gpt-4o-2024-08-06`. */
function withDashedDate(name: string): string {
  return name.replace(
    /-(20\d{2})(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?=-|:|$)/g,
    (written, year: string, month: string, day: string) =>
      new Date(Date.UTC(+year, +month - 1, +day)).getUTCDate() === +day
        ? `-${year}-${month}-${day}`
        : written,
  );
}

function pricesAt({ prices }: PricedModel, at: number): ModelPrice | undefined {
  if (!Array.isArray(prices)) return prices as ModelPrice;
  if (Number.isNaN(at)) return undefined;
  const last = prices.findLast(
    ({ constraint }) => constraint === undefined || holds(constraint, at),
  );
  return (last ?? prices[0]).prices;
}

const DAY = 24 * 60 * 60 * 1000;

function holds(constraint: Validity, at: number): boolean {
  if (constraint.type === 'start_date') return at >= Date.parse(constraint.start_date);
  const [time, start, end] = [
    at,
    Date.parse(`1970-01-01T${constraint.start_time}`),
    Date.parse(`1970-01-01T${constraint.end_time}`),
  ].map((moment) => ((moment % DAY) + DAY) % DAY) as [number, number, number];
  return end < start ? time >= start || time < end : time >= start && time < end;
}
