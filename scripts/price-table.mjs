// The data of the price library, in the form in which the program reads it: loading the library itself takes half as
// long as starting Node.
import { isDeepStrictEqual } from 'node:util';
import { waitForUpdate } from '@pydantic/genai-prices';

export const PRICE_LIBRARY = '@pydantic/genai-prices';

/**
 * The library's providers in its order, with what finding a price needs. The models of each are JSON text of their own,
 * so that only those of a provider that is asked for are parsed.
 * @returns {Promise<import('../src/processing/price-table.ts').PriceTable>}
 */
export async function priceTable() {
  const providers = await waitForUpdate();
  return providers.map(({ id, provider_match, model_match, fallback_model_providers, models }) => ({
    id,
    ...(provider_match && { provider_match }),
    ...(model_match && { model_match }),
    ...(fallback_model_providers && { fallback_model_providers }),
    models: plainJson(models.map(({ match, prices }) => ({ match, prices }))),
  }));
}

function plainJson(value) {
  const text = JSON.stringify(value);
  if (!isDeepStrictEqual(JSON.parse(text), value))
    throw new Error('prices contain something that JSON cannot represent');
  return text;
}
