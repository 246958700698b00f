import type { Cost, LlmCallOperation, TokenUsage } from '../session/operation.ts';

/**
 * Estimates what a call cost. `provider` is the recorded one or undefined, `atMicros` the time of the call, because
 * prices change. Undefined if the model or a price it needs is unknown.
 */
export type PriceLookup = (
  usage: TokenUsage,
  model: string,
  provider: string | undefined,
  atMicros: number,
) => Cost | undefined;

/**
 * Factor of Anthropic's fast mode over the ordinary price, including cached tokens: price tables list models, and the
 * fast mode is not a model. Six for the models it began with, two for all later ones.
 */
function fastFactor(model: string): number {
  return /opus-4[-.][67](?!\d)/.test(model) ? 6 : 2;
}

/** A recorded cost wins; otherwise an estimate; otherwise the cost stays absent. */
export function priceCall(operation: LlmCallOperation, price: PriceLookup): void {
  if (operation.cost !== undefined || operation.usage === undefined) return;
  const model = operation.responseModel ?? operation.requestModel;
  if (model === undefined) return;
  const cost = price(operation.usage, model, operation.provider, operation.startMicros);
  if (cost === undefined) return;
  operation.cost = operation.fast === true ? { ...cost, usd: cost.usd * fastFactor(model) } : cost;
}
