import type { IncomingHttpHeaders } from 'node:http';

// biome-ignore lint/suspicious/noExplicitAny: decoded messages are foreign data.
type Loose = any;

export interface Complaint {
  readonly status: number;
  readonly message: string;
}

const CONTENT_TYPES = new Set(['application/json', 'application/x-protobuf']);

/** What the strictest receivers refuse in the head of a request. */
export function complainAboutHead(headers: IncomingHttpHeaders): Complaint | undefined {
  if (!CONTENT_TYPES.has(headers['content-type'] ?? '')) {
    return { status: 415, message: `content type ${headers['content-type']}` };
  }
  if (headers['transfer-encoding'] !== undefined || headers['content-length'] === undefined) {
    return { status: 400, message: 'no Content-Length' };
  }
  const encoding = headers['content-encoding'];
  if (encoding !== undefined && encoding !== 'gzip')
    return { status: 415, message: `content encoding ${encoding}` };
  if (!headers['user-agent']) return { status: 400, message: 'no User-Agent' };
  return undefined;
}

/** What the strictest receivers refuse in a trace request; each rule was met in a real one. */
export function complainAboutTraces(request: Loose, json: boolean): Complaint | undefined {
  const problem = firstProblem(request, json);
  return problem === undefined ? undefined : { status: 400, message: problem };
}

function firstProblem(request: Loose, json: boolean): string | undefined {
  if (!Array.isArray(request.resourceSpans)) return json ? 'no resourceSpans' : undefined;
  if (json && /"[a-z]+_[a-z_]+":/.test(JSON.stringify(Object.keys(request)))) return 'snake_case';
  for (const group of request.resourceSpans) {
    if (json && !Array.isArray(group.resource?.attributes)) return 'resource without attributes';
    for (const scoped of group.scopeSpans ?? []) {
      if (typeof scoped.scope?.name !== 'string') return 'scope without a name';
      for (const span of scoped.spans ?? []) {
        const problem = spanProblem(span, json);
        if (problem !== undefined) return `span ${span.spanId}: ${problem}`;
      }
    }
  }
  return undefined;
}

const ID = { trace: /^(?!0+$)[0-9a-f]{32}$/, span: /^(?!0+$)[0-9a-f]{16}$/ };

function spanProblem(span: Loose, json: boolean): string | undefined {
  if (!ID.trace.test(span.traceId)) return 'trace id';
  if (!ID.span.test(span.spanId)) return 'span id';
  if (span.parentSpanId !== undefined && !ID.span.test(span.parentSpanId)) return 'parent span id';
  if (typeof span.name !== 'string' || span.name === '') return 'name';
  if (!Number.isInteger(span.kind) || span.kind < 1 || span.kind > 5) return 'kind';
  if (span.status !== undefined && !Number.isInteger(span.status.code))
    return 'status without a code';
  for (const time of [span.startTimeUnixNano, span.endTimeUnixNano]) {
    if (typeof time !== 'string' || !/^\d+$/.test(time)) return 'time';
  }
  if (BigInt(span.endTimeUnixNano) < BigInt(span.startTimeUnixNano)) return 'ends before it starts';
  if (json && !Array.isArray(span.attributes)) return 'no attributes';
  const nested = [span, ...(span.events ?? []), ...(span.links ?? [])];
  return nested
    .map((one: Loose) => attributesProblem(one.attributes ?? []))
    .find((problem) => problem !== undefined);
}

function attributesProblem(attributes: Loose): string | undefined {
  const keys = attributes.map((attribute: Loose) => attribute.key);
  if (new Set(keys).size !== keys.length) return 'an attribute key twice';
  for (const { key, value } of attributes) {
    if (typeof key !== 'string') return 'attribute without a key';
    if (typeof value !== 'object' || Object.keys(value).length > 1)
      return `attribute ${key}: value`;
    if ('intValue' in value && typeof value.intValue !== 'string')
      return `attribute ${key}: a number for a 64-bit integer`;
    if ('doubleValue' in value && value.doubleValue === null)
      return `attribute ${key}: null double`;
  }
  return undefined;
}
