import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Encoder } from '../../src/exporters/encoder.ts';
import type { LogRecord } from '../../src/exporters/log-record.ts';
import type { GaugePoint } from '../../src/exporters/metric.ts';
import { createJsonLogEncoder } from '../../src/exporters/otlp-json-logs.ts';
import { createJsonMetricEncoder } from '../../src/exporters/otlp-json-metrics.ts';
import { createProtobufLogEncoder } from '../../src/exporters/otlp-protobuf-logs.ts';
import { createProtobufMetricEncoder } from '../../src/exporters/otlp-protobuf-metrics.ts';
import { decodeRequest, plainAttributes } from '../support/decoded-spans.ts';
import { RESOURCE, SCOPE } from '../support/spans.ts';

const PRODUCER = {
  resource: RESOURCE,
  scope: { ...SCOPE, schemaUrl: 'https://example.org/schema' },
};
const ROOMY = { maxBytes: 1 << 20 };

function encode<T>(encoder: Encoder<T>, items: readonly T[]) {
  for (const item of items) if (!encoder.tryAppend(item)) throw new Error('does not fit');
  const { bytes, contentType } = encoder.finish();
  return { bytes, contentType };
}

function point(more: Partial<GaugePoint> = {}): GaugePoint {
  return {
    name: 'agent_strace.session.cost_usd',
    unit: 'USD',
    description: 'Cost of a session',
    value: 0.25,
    atMicros: 1_790_000_000_000_000,
    attributes: { 'service.name': 'x', n: 3 },
    ...more,
  };
}

describe.each([
  ['json', createJsonMetricEncoder],
  ['protobuf', createProtobufMetricEncoder],
] as const)('gauges as %s', (_, create) => {
  const decoded = (points: readonly GaugePoint[]) => {
    const { bytes, contentType } = encode(create(PRODUCER, ROOMY), points);
    return decodeRequest(bytes, contentType, 'metrics').resourceMetrics;
  };

  it('groups consecutive points of one gauge under its name', () => {
    const groups = decoded([
      point(),
      point({ value: 1 }),
      point({ name: 'other', unit: '', description: '', value: 7 }),
    ]);
    expect(groups).toHaveLength(1);
    const [scoped] = groups[0].scopeMetrics;
    expect(scoped.scope).toEqual({ name: 'agent-strace', version: '0.1.0' });
    expect(scoped.schemaUrl).toBe('https://example.org/schema');
    const [cost, other] = scoped.metrics;
    expect(cost).toMatchObject({
      name: 'agent_strace.session.cost_usd',
      unit: 'USD',
      description: 'Cost of a session',
    });
    expect(cost.gauge.dataPoints.map((one: { asDouble: number }) => one.asDouble)).toEqual([
      0.25, 1,
    ]);
    expect(cost.gauge.dataPoints[0].timeUnixNano).toBe('1790000000000000000');
    expect(plainAttributes(cost.gauge.dataPoints[0].attributes)).toEqual({
      'service.name': 'x',
      n: { int: '3' },
    });
    expect(other.unit).toBeUndefined();
    expect(other.gauge.dataPoints[0].asDouble).toBe(7);
  });

  it('cuts by bytes without losing a point', () => {
    const points = Array.from({ length: 50 }, (_, i) =>
      point({ name: `gauge ${i % 3}`, value: i + 0.5 }),
    );
    const encoder = create(PRODUCER, { maxBytes: 2000 });
    const values: number[] = [];
    const cut = () => {
      const { bytes, contentType } = encoder.finish();
      expect(bytes.length).toBeLessThanOrEqual(2000);
      const [group] = decodeRequest(bytes, contentType, 'metrics').resourceMetrics;
      for (const metric of group.scopeMetrics[0].metrics) {
        for (const one of metric.gauge.dataPoints) values.push(one.asDouble);
      }
      encoder.reset();
    };
    for (const one of points) {
      if (encoder.tryAppend(one)) continue;
      cut();
      encoder.tryAppend(one);
    }
    cut();
    expect(values).toEqual(points.map((one) => one.value));
  });

  it('keeps non-finite numbers valid', () => {
    const [group] = decoded([point({ value: Number.NaN }), point({ value: -(2 ** 60) })]);
    const [nan, big] = group.scopeMetrics[0].metrics[0].gauge.dataPoints;
    expect(nan.asDouble).toBe('NaN');
    expect(big.asDouble).toBe(-(2 ** 60));
  });
});

const anyRecord: fc.Arbitrary<LogRecord> = fc.record({
  eventName: fc.option(fc.constant('gen_ai.evaluation.result'), { nil: undefined }),
  atMicros: fc.integer({ min: 0, max: 4_000_000_000_000_000 }),
  traceId: fc.option(fc.constant('ab'.repeat(16)), { nil: undefined }),
  spanId: fc.option(fc.constant('cd'.repeat(8)), { nil: undefined }),
  severityNumber: fc.option(fc.integer({ min: 1, max: 24 }), { nil: undefined }),
  body: fc.option(fc.string(), { nil: undefined }),
  attributes: fc.record({
    'gen_ai.evaluation.name': fc.string(),
    'gen_ai.evaluation.score.value': fc.constant(0.75),
  }),
});

describe.each([
  ['json', createJsonLogEncoder],
  ['protobuf', createProtobufLogEncoder],
] as const)('log records as %s', (_, create) => {
  it('arrive as they were', () => {
    fc.assert(
      fc.property(fc.array(anyRecord, { maxLength: 5 }), (records) => {
        const { bytes, contentType } = encode(create(PRODUCER, ROOMY), records);
        const request = decodeRequest(bytes, contentType, 'logs');
        const arrived = (request.resourceLogs ?? []).flatMap(
          (group: { scopeLogs: { logRecords?: unknown[] }[] }) =>
            group.scopeLogs[0]?.logRecords ?? [],
        );
        expect(arrived).toHaveLength(records.length);
        for (const [i, record] of records.entries()) {
          const one = arrived[i];
          const nanos = record.atMicros === 0 ? '0' : `${record.atMicros}000`;
          expect(one).toMatchObject({ timeUnixNano: nanos, observedTimeUnixNano: nanos });
          expect(one.eventName).toBe(record.eventName);
          expect(one.traceId).toBe(record.traceId);
          expect(one.spanId).toBe(record.spanId);
          expect(one.severityNumber).toBe(record.severityNumber);
          expect(one.body?.stringValue).toBe(record.body);
          expect(plainAttributes(one.attributes)).toEqual({
            'gen_ai.evaluation.name': record.attributes['gen_ai.evaluation.name'],
            'gen_ai.evaluation.score.value': { double: 0.75 },
          });
        }
      }),
    );
  });
});
