import type { Resource } from '@opentelemetry/resources';
import { derived } from './derived.ts';
import type { Destination } from './destination.ts';
import type { Encoder, TimedSpan } from './encoder.ts';
import { limitSpan, spanLimits } from './span-limits.ts';

/** Makes a span what a destination wants; deterministic, so that a copy is equal to the first. */
export type SpanAdapter = (span: TimedSpan) => TimedSpan;

/**
 * Resource attributes, further attribute names and limits of a destination. Undefined where it wants nothing of
 * the kind. Spans of one resource still share one afterwards.
 */
export function spanAdapter(
  destination: Destination,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): SpanAdapter | undefined {
  const limits = spanLimits(destination, environment);
  const limited = limits.maxAttributeLength !== undefined || limits.maxAttributes !== undefined;
  const aliases = Object.entries(destination.attributeAliases ?? {});
  const more = destination.resourceAttributes ?? {};
  const resources = Object.keys(more).length > 0 ? resourceAdapter(more) : undefined;
  if (!limited && aliases.length === 0 && resources === undefined) return undefined;
  return (span) => {
    let adapted = span;
    if (resources) adapted = derived(adapted, { resource: resources(span.resource) });
    if (aliases.length > 0) adapted = withAliases(adapted, aliases);
    return limited ? limitSpan(adapted, limits) : adapted;
  };
}

function withAliases(
  span: TimedSpan,
  aliases: readonly [theirs: string, ours: string][],
): TimedSpan {
  const missing = aliases.filter(
    ([theirs, ours]) =>
      span.attributes[ours] !== undefined && span.attributes[theirs] === undefined,
  );
  if (missing.length === 0) return span;
  const added = Object.fromEntries(
    missing.map(([theirs, ours]) => [theirs, span.attributes[ours]]),
  );
  return derived(span, { attributes: { ...span.attributes, ...added } });
}

/** The resource with further attributes; those that are recorded already win. */
function resourceAdapter(more: Readonly<Record<string, string>>): (resource: Resource) => Resource {
  const known = new WeakMap<Resource, Resource>();
  return (resource) => {
    let adapted = known.get(resource);
    if (adapted === undefined) {
      adapted = derived(resource, { attributes: { ...more, ...resource.attributes } });
      known.set(resource, adapted);
    }
    return adapted;
  };
}

/** An encoder that adapts each span first. */
export function adapting(
  encoder: Encoder<TimedSpan>,
  adapt: SpanAdapter | undefined,
): Encoder<TimedSpan> {
  if (adapt === undefined) return encoder;
  return {
    tryAppend: (span) => encoder.tryAppend(adapt(span)),
    finish: () => encoder.finish(),
    reset: () => encoder.reset(),
  };
}
