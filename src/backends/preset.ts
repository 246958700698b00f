import type { Protocol, Signal } from '../exporters/destination.ts';

/** Environment variables as a preset reads them. */
export interface Variables {
  /** Throws `missing_variable`, naming it, when the variable is unset or empty. */
  need(name: string): string;
  /** The first of these that is set and not empty. */
  get(...names: string[]): string | undefined;
}

/** A variable that a preset reads, for help and docs. */
export interface PresetVariable {
  readonly name: string;
  readonly required: boolean;
  readonly meaning: string;
}

/** One backend: endpoint, headers, protocol and limits as one unit, so that its keys never go elsewhere. */
export interface BackendPreset {
  readonly name: string;
  readonly title: string;
  readonly summary: string;
  /** Signals it takes; anything else is refused before a session is read. */
  readonly signals: readonly Signal[];
  readonly variables: readonly PresetVariable[];
  endpoint(variables: Variables): string;
  /** `append`: `/v1/<signal>` is appended to the endpoint. `as_is`: it is the whole URL. */
  readonly path: 'append' | 'as_is';
  headers(variables: Variables, signal: Signal): Record<string, string>;
  readonly protocol: Protocol;
  /** It refuses every request that is not in its protocol. */
  readonly noOtherProtocol?: true | undefined;
  /** Runs on people's own machines, so the certificate variables of OpenTelemetry apply. */
  readonly selfHosted: boolean;
  /** Longest attribute value it keeps, in UTF-16 units. */
  readonly maxAttributeLength?: number | undefined;
  /** The same in bytes of UTF-8. */
  readonly maxAttributeBytes?: number | undefined;
  readonly maxAttributes?: number | undefined;
  /** Largest span in bytes of OTLP protobuf; larger ones are dropped there. */
  readonly maxSpanBytes?: number | undefined;
  /** Largest request in bytes before compression, where that is less than the usual limit. */
  readonly maxRequestBytes?: number | undefined;
  /** Oldest span it takes. Older ones are dropped there, often behind a success status. */
  readonly maxAgeMillis?: number | undefined;
  /** What tells one place at this endpoint from another (project, tenant); no secret. */
  place?(variables: Variables): string | undefined;
  /** Attributes that belong on every resource sent there. */
  resourceAttributes?(variables: Variables): Record<string, string>;
  /** Further names under which it looks for an attribute: its name there, our attribute. */
  readonly aliases?: { readonly [theirs: string]: string } | undefined;
  /** The `--format` that its views are made for, and the `--semconv` that it understands best. */
  readonly format: 'otlp' | 'otlp-genai' | 'langfuse';
  readonly semconv: 'latest' | 'dual' | 'legacy';
  /** What becomes of a span that arrives twice. */
  readonly copies: string;
  /** What people should know before they send there; one sentence each. */
  readonly notes: readonly string[];
}

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;

/** A variable that must be set. */
export function needed(name: string, meaning: string): PresetVariable {
  return { name, required: true, meaning };
}

export function optional(name: string, meaning: string): PresetVariable {
  return { name, required: false, meaning };
}

export function basic(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
}

/** Headers whose value is there. */
export function present(headers: {
  readonly [name: string]: string | undefined;
}): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}

/** A base URL with a path that may be on it already. */
export function under(base: string, path: string): string {
  const trimmed = base.replace(/\/+$/, '');
  return trimmed.endsWith(path) || trimmed.includes(`${path}/`) ? trimmed : `${trimmed}${path}`;
}
