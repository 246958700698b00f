import type { Resource } from '@opentelemetry/resources';

type ResourceAttributes = Record<string, string | number | boolean>;

export interface ResourceSources {
  readonly serviceName?: string | undefined;
  /** From flags; these override the environment. */
  readonly attributes: Readonly<ResourceAttributes>;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Redacts a value that a person typed, given its key. */
  readonly redact: (key: string, text: string) => string;
  readonly warn: (line: string) => void;
}

const DEFAULT_SERVICE = 'agent-trace';

/**
 * The resource of a run: flags over `OTEL_SERVICE_NAME` over `OTEL_RESOURCE_ATTRIBUTES` over the default, which also
 * replaces a blank service name.
 */
export function resourceAttributes(sources: ResourceSources): ResourceAttributes {
  const fromEnv = parseResourceAttributes(
    sources.env['OTEL_RESOURCE_ATTRIBUTES'] ?? '',
    sources.warn,
  );
  const name = sources.env['OTEL_SERVICE_NAME'];
  const merged: ResourceAttributes = { 'service.name': DEFAULT_SERVICE, ...fromEnv };
  if (name !== undefined && name !== '') merged['service.name'] = name;
  Object.assign(merged, sources.attributes);
  if (sources.serviceName !== undefined) merged['service.name'] = sources.serviceName;
  // Backends sort services by name and do not accept an empty one.
  if (String(merged['service.name']).trim() === '') merged['service.name'] = DEFAULT_SERVICE;
  for (const [key, value] of Object.entries(merged)) {
    if (typeof value === 'string') merged[key] = sources.redact(key, value);
  }
  return merged;
}

/** `k=v,k2=v2`, percent-encoded. According to the specification one bad entry invalidates the whole variable. */
export function parseResourceAttributes(
  text: string,
  warn: (line: string) => void,
): Record<string, string> {
  const attributes: Record<string, string> = {};
  for (const entry of text.split(',')) {
    if (entry.trim() === '') continue;
    const cut = entry.indexOf('=');
    try {
      const key = decodeURIComponent(entry.slice(0, cut).trim());
      if (cut <= 0 || key === '' || key === '__proto__') throw new URIError('no key');
      attributes[key] = decodeURIComponent(entry.slice(cut + 1).trim());
    } catch {
      warn('OTEL_RESOURCE_ATTRIBUTES is not a list of key=value pairs; it is ignored');
      return {};
    }
  }
  return attributes;
}

/** A plain resource, because the SDK's class would add its start-up time. */
export function plainResource(attributes: Readonly<ResourceAttributes>): Resource {
  const resource: Resource = {
    attributes: { ...attributes },
    asyncAttributesPending: false,
    merge: (other) =>
      plainResource({ ...attributes, ...(other?.attributes as ResourceAttributes | undefined) }),
    getRawAttributes: () => Object.entries(attributes),
  };
  return resource;
}
