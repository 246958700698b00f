/** As much of a span as the conventions speak of. A `ReadableSpan` is one. */
export interface CheckedSpan {
  readonly name: string;
  /** OpenTelemetry API number: INTERNAL 0, SERVER 1, CLIENT 2. */
  readonly kind: number;
  readonly status: { readonly code: number; readonly message?: string | undefined };
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly events: readonly {
    readonly name: string;
    readonly attributes?: Readonly<Record<string, unknown>> | undefined;
  }[];
}

interface AnyValue {
  stringValue?: string;
  intValue?: string;
  doubleValue?: number;
  boolValue?: boolean;
  arrayValue?: { values?: AnyValue[] };
}
type KeyValues = { key: string; value: AnyValue }[];

interface OtlpSpan {
  name: string;
  kind: number;
  status?: { code?: number; message?: string };
  attributes?: KeyValues;
  events?: { name: string; attributes?: KeyValues }[];
}

export interface OtlpDocument {
  resourceSpans: { scopeSpans: { spans: OtlpSpan[] }[] }[];
}

function plain(value: AnyValue): unknown {
  if (value.intValue !== undefined) return Number(value.intValue);
  if (value.arrayValue !== undefined) return (value.arrayValue.values ?? []).map(plain);
  return value.stringValue ?? value.doubleValue ?? value.boolValue;
}

function attributesOf(pairs: KeyValues | undefined): Record<string, unknown> {
  return Object.fromEntries((pairs ?? []).map(({ key, value }) => [key, plain(value)]));
}

/** The spans of an OTLP JSON document, ready to be checked. */
export function spansOfDocument(document: OtlpDocument): CheckedSpan[] {
  return document.resourceSpans
    .flatMap((resource) => resource.scopeSpans)
    .flatMap((scope) => scope.spans)
    .map((span) => ({
      name: span.name,
      kind: span.kind - 1,
      status: { code: span.status?.code ?? 0, message: span.status?.message },
      attributes: attributesOf(span.attributes),
      events: (span.events ?? []).map((event) => ({
        name: event.name,
        attributes: attributesOf(event.attributes),
      })),
    }));
}
