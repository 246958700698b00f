import { type JsonObject, labelOf, objectOf } from '../json-values.ts';

/** Settings from the session's own configuration, which apply to every call. */
export interface CallDefaults {
  readonly provider: string | undefined;
  readonly model: string | undefined;
  readonly temperature: string | undefined;
  readonly maxTokens: number | undefined;
}

/** Settings with which one call was sent. */
export interface CallSettings extends CallDefaults {
  /** The model that answered, if a message says so. */
  readonly responseModel: string | undefined;
}

/** What a message says about the inference that produced it. */
export function inferenceOf(metadata: unknown): JsonObject | undefined {
  return objectOf(objectOf(metadata)?.inference);
}

/** The configuration is the session's latest, so it does not apply to a call that used another provider or model. */
export function settingsOf(
  inference: JsonObject | undefined,
  usedModel: string | undefined,
  defaults: CallDefaults,
): CallSettings {
  const provider = labelOf(inference?.provider, 100);
  const model = labelOf(inference?.requestedModel, 200) ?? usedModel;
  const isConfigured =
    (provider === undefined || provider === defaults.provider) && isSame(model, defaults.model);
  return {
    ...(isConfigured ? defaults : NOTHING),
    ...(provider === undefined ? {} : { provider }),
    model: model ?? defaults.model,
    responseModel: labelOf(inference?.resolvedModel, 200),
  };
}

const NOTHING = { provider: undefined, temperature: undefined, maxTokens: undefined };

/** Providers report longer names (a date at the end) or shorter ones (no vendor in front). */
function isSame(used: string | undefined, configured: string | undefined): boolean {
  if (used === undefined || configured === undefined) return true;
  return used.includes(configured) || configured.includes(used);
}
