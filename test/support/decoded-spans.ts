import { OTLP_REQUESTS } from './otlp-messages.ts';
import { readMessage } from './protobuf-reader.ts';

export type DecodedAttributes = { [key: string]: unknown };

/** A span as it arrived, in one form for both encodings. */
export interface DecodedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly traceState: string;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: DecodedAttributes;
  readonly events: readonly {
    readonly name: string;
    readonly timeUnixNano: string;
    readonly attributes: DecodedAttributes;
    readonly droppedAttributesCount: number;
  }[];
  readonly links: readonly {
    readonly traceId: string;
    readonly spanId: string;
    readonly traceState: string;
    readonly attributes: DecodedAttributes;
    readonly flags: number;
    readonly droppedAttributesCount: number;
  }[];
  readonly status: { readonly code: number; readonly message: string };
  readonly flags: number;
  readonly dropped: readonly [attributes: number, events: number, links: number];
  readonly resource: DecodedAttributes;
  readonly resourceSchemaUrl: string;
  readonly scope: { readonly name: string; readonly version: string; readonly schemaUrl: string };
}

// biome-ignore lint/suspicious/noExplicitAny: decoded messages are foreign data.
type Loose = any;

/** One `AnyValue` as a plain value; 64-bit integers stay decimal strings inside `{int}`. */
function plainValue(value: Loose): unknown {
  if (value === undefined || value === null) return null;
  if ('intValue' in value) return { int: String(value.intValue) };
  if ('doubleValue' in value) return { double: value.doubleValue };
  if ('arrayValue' in value) return (value.arrayValue.values ?? []).map(plainValue);
  if ('kvlistValue' in value) return plainAttributes(value.kvlistValue.values);
  return value.stringValue ?? value.boolValue ?? value.bytesValue ?? null;
}

/** OTLP attributes as one object; order and absent lists do not matter. */
export function plainAttributes(list: Loose): DecodedAttributes {
  return Object.fromEntries(
    (list ?? []).map((entry: Loose) => [entry.key ?? '', plainValue(entry.value)]),
  );
}

function plainSpan(span: Loose, group: Loose, scoped: Loose): DecodedSpan {
  return {
    traceId: span.traceId,
    spanId: span.spanId,
    parentSpanId: span.parentSpanId ?? '',
    traceState: span.traceState ?? '',
    name: span.name ?? '',
    kind: span.kind ?? 0,
    startTimeUnixNano: String(span.startTimeUnixNano),
    endTimeUnixNano: String(span.endTimeUnixNano),
    attributes: plainAttributes(span.attributes),
    events: (span.events ?? []).map((event: Loose) => ({
      name: event.name ?? '',
      timeUnixNano: String(event.timeUnixNano),
      attributes: plainAttributes(event.attributes),
      droppedAttributesCount: event.droppedAttributesCount ?? 0,
    })),
    links: (span.links ?? []).map((link: Loose) => ({
      traceId: link.traceId,
      spanId: link.spanId,
      traceState: link.traceState ?? '',
      attributes: plainAttributes(link.attributes),
      flags: link.flags ?? 0,
      droppedAttributesCount: link.droppedAttributesCount ?? 0,
    })),
    status: { code: span.status?.code ?? 0, message: span.status?.message ?? '' },
    flags: span.flags ?? 0,
    dropped: [
      span.droppedAttributesCount ?? 0,
      span.droppedEventsCount ?? 0,
      span.droppedLinksCount ?? 0,
    ],
    resource: plainAttributes(group.resource?.attributes),
    resourceSchemaUrl: group.schemaUrl ?? '',
    scope: {
      name: scoped.scope?.name ?? '',
      version: scoped.scope?.version ?? '',
      schemaUrl: scoped.schemaUrl ?? '',
    },
  };
}

/** Every span of a decoded `ExportTraceServiceRequest`, in order. */
export function spansOf(request: Loose): DecodedSpan[] {
  return (request.resourceSpans ?? []).flatMap((group: Loose) =>
    (group.scopeSpans ?? []).flatMap((scoped: Loose) =>
      (scoped.spans ?? []).map((span: Loose) => plainSpan(span, group, scoped)),
    ),
  );
}

/** Decodes a request body of either encoding; throws on anything that is not valid. */
export function decodeRequest(
  body: Uint8Array,
  contentType: string,
  signal: keyof typeof OTLP_REQUESTS,
): Loose {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  if (contentType === 'application/json')
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  return readMessage(bytes, OTLP_REQUESTS[signal]);
}
