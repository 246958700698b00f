import type { MessageSpec } from './protobuf-reader.ts';

const anyValue: Record<number, MessageSpec[number]> = {
  1: { name: 'stringValue', type: 'string' },
  2: { name: 'boolValue', type: 'bool' },
  3: { name: 'intValue', type: 'int64' },
  4: { name: 'doubleValue', type: 'double' },
  7: { name: 'bytesValue', type: 'bytes' },
};
const keyValue: MessageSpec = {
  1: { name: 'key', type: 'string' },
  2: { name: 'value', type: anyValue },
};
anyValue[5] = {
  name: 'arrayValue',
  type: { 1: { name: 'values', type: anyValue, repeated: true } },
};
anyValue[6] = {
  name: 'kvlistValue',
  type: { 1: { name: 'values', type: keyValue, repeated: true } },
};

const attributes = { name: 'attributes', type: keyValue, repeated: true } as const;
const resource: MessageSpec = { 1: attributes };
const scope: MessageSpec = {
  1: { name: 'name', type: 'string' },
  2: { name: 'version', type: 'string' },
  3: attributes,
};
const event: MessageSpec = {
  1: { name: 'timeUnixNano', type: 'fixed64' },
  2: { name: 'name', type: 'string' },
  3: attributes,
  4: { name: 'droppedAttributesCount', type: 'uint' },
};
const link: MessageSpec = {
  1: { name: 'traceId', type: 'hex' },
  2: { name: 'spanId', type: 'hex' },
  3: { name: 'traceState', type: 'string' },
  4: attributes,
  5: { name: 'droppedAttributesCount', type: 'uint' },
  6: { name: 'flags', type: 'fixed32' },
};
const span: MessageSpec = {
  1: { name: 'traceId', type: 'hex' },
  2: { name: 'spanId', type: 'hex' },
  3: { name: 'traceState', type: 'string' },
  4: { name: 'parentSpanId', type: 'hex' },
  5: { name: 'name', type: 'string' },
  6: { name: 'kind', type: 'uint' },
  7: { name: 'startTimeUnixNano', type: 'fixed64' },
  8: { name: 'endTimeUnixNano', type: 'fixed64' },
  9: attributes,
  10: { name: 'droppedAttributesCount', type: 'uint' },
  11: { name: 'events', type: event, repeated: true },
  12: { name: 'droppedEventsCount', type: 'uint' },
  13: { name: 'links', type: link, repeated: true },
  14: { name: 'droppedLinksCount', type: 'uint' },
  15: {
    name: 'status',
    type: { 2: { name: 'message', type: 'string' }, 3: { name: 'code', type: 'uint' } },
  },
  16: { name: 'flags', type: 'fixed32' },
};
const dataPoint: MessageSpec = {
  7: attributes,
  2: { name: 'startTimeUnixNano', type: 'fixed64' },
  3: { name: 'timeUnixNano', type: 'fixed64' },
  4: { name: 'asDouble', type: 'double' },
  6: { name: 'asInt', type: 'fixed64' },
};
const metric: MessageSpec = {
  1: { name: 'name', type: 'string' },
  2: { name: 'description', type: 'string' },
  3: { name: 'unit', type: 'string' },
  5: { name: 'gauge', type: { 1: { name: 'dataPoints', type: dataPoint, repeated: true } } },
};
const logRecord: MessageSpec = {
  1: { name: 'timeUnixNano', type: 'fixed64' },
  2: { name: 'severityNumber', type: 'uint' },
  3: { name: 'severityText', type: 'string' },
  5: { name: 'body', type: anyValue },
  6: attributes,
  8: { name: 'flags', type: 'fixed32' },
  9: { name: 'traceId', type: 'hex' },
  10: { name: 'spanId', type: 'hex' },
  11: { name: 'observedTimeUnixNano', type: 'fixed64' },
  12: { name: 'eventName', type: 'string' },
};

function request(root: string, scoped: string, list: string, item: MessageSpec): MessageSpec {
  const schemaUrl = { name: 'schemaUrl', type: 'string' } as const;
  const scopes: MessageSpec = {
    1: { name: 'scope', type: scope },
    2: { name: list, type: item, repeated: true },
    3: schemaUrl,
  };
  const group: MessageSpec = {
    1: { name: 'resource', type: resource },
    2: { name: scoped, type: scopes, repeated: true },
    3: schemaUrl,
  };
  return { 1: { name: root, type: group, repeated: true } };
}

/** Field tables of the three export requests; decoded messages look like their OTLP JSON. */
export const OTLP_REQUESTS = {
  traces: request('resourceSpans', 'scopeSpans', 'spans', span),
  metrics: request('resourceMetrics', 'scopeMetrics', 'metrics', metric),
  logs: request('resourceLogs', 'scopeLogs', 'logRecords', logRecord),
} as const;
