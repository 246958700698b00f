import { type JsonObject, labelOf, objectOf } from '../json-values.ts';

/** What the session's own configuration says about every call. */
export interface CallDefaults {
  readonly provider: string | undefined;
  readonly model: string | undefined;
  readonly temperature: string | undefined;
  readonly maxTokens: number | undefined;
}

/** What one call was sent with. */
export interface CallSettings extends CallDefaults {
  /** The model that answered, where a message says so. */
  readonly responseModel: string | undefined;
}

/** What a message says about the inference that it came from. */
export function inferenceOf(metadata: unknown): JsonObject | undefined {
  return objectOf(objectOf(metadata)?.inference);
}

/** The configuration is the session's latest: of a call that went elsewhere it says nothing. */
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

/** Providers answer with longer names (a date at the end) or shorter ones (no vendor in front). */
function isSame(used: string | undefined, configured: string | undefined): boolean {
  if (used === undefined || configured === undefined) return true;
  return used.includes(configured) || configured.includes(used);
}
