import { resourceFromAttributes } from '@opentelemetry/resources';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Destination } from '../../src/exporters/destination.ts';
import { spanAdapter } from '../../src/exporters/destination-span.ts';
import type { TimedSpan } from '../../src/exporters/encoder.ts';
import { createTraceEncoder } from '../../src/exporters/otlp-http.ts';
import { decodeRequest, spansOf } from '../support/decoded-spans.ts';
import { anySpan, makeSpan, makeSpans } from '../support/spans.ts';
import { destination } from './transport-harness.ts';

type Environment = Record<string, string>;

/** Spans as they leave for a destination. */
function leaving(
  spans: readonly TimedSpan[],
  more: Partial<Destination>,
  environment: Environment = {},
) {
  const to = destination('http://localhost:4318', more);
  const settings = { deadlineMillis: 1, retryForMillis: 0, batchItems: 1000, environment };
  const encoder = createTraceEncoder(to, settings);
  for (const span of spans) expect(encoder.tryAppend(span)).toBe(true);
  const { bytes, contentType } = encoder.finish();
  return decodeRequest(bytes, contentType, 'traces');
}

describe('limits of a destination', () => {
  it('cut long values with a marker and say how many, in events and arrays too', () => {
    const span = makeSpan({
      attributes: { long: 'x'.repeat(500), short: 'y', list: ['z'.repeat(200), 'ok'], n: 7 },
      events: [{ name: 'e', micros: 5, attributes: { long: 'e'.repeat(101) } }],
    });
    const [sent] = spansOf(leaving([span], { maxAttributeLength: 100 }));
    expect(sent?.attributes).toEqual({
      'agent_strace.truncated_values': { int: '3' },
      'agent_strace.truncated': ['long', 'list'],
      long: `${'x'.repeat(77)}… [cut, 500 characters]`.slice(0, 100),
      short: 'y',
      list: [expect.stringMatching(/^z+… \[cut, 200 characters\]$/), 'ok'],
      n: { int: '7' },
    });
    expect(String(sent?.attributes['long'])).toHaveLength(100);
    expect(sent?.events[0]?.attributes['long']).toMatch(/cut, 101 characters/);
  });

  it('never leave a value over the limit, half a character or an unmarked cut', () => {
    fc.assert(
      fc.property(anySpan, fc.integer({ min: 40, max: 200 }), (sketch, most) => {
        const span = makeSpan({
          ...sketch,
          attributes: { ...sketch.attributes, emoji: '😀'.repeat(150) },
        });
        const adapted = spanAdapter(destination('http://h', { maxAttributeLength: most }), {})!(
          span,
        );
        let cut = 0;
        for (const one of [adapted, ...adapted.events, ...adapted.links]) {
          for (const value of Object.values(one.attributes ?? {}).flat()) {
            if (typeof value !== 'string') continue;
            expect(value.length).toBeLessThanOrEqual(most);
            expect(value).not.toMatch(/\p{Surrogate}/u);
            if (value.endsWith(' characters]')) cut++;
          }
        }
        expect(adapted.attributes['agent_strace.truncated_values']).toBe(cut);
      }),
    );
  });

  it('drop attributes over the count and count them', () => {
    const attributes = Object.fromEntries(Array.from({ length: 12 }, (_, i) => [`a${i}`, i]));
    const [sent] = spansOf(
      leaving([makeSpan({ attributes, dropped: [2, 0, 0] })], { maxAttributes: 10 }),
    );
    expect(Object.keys(sent!.attributes)).toEqual([
      'agent_strace.dropped_attributes',
      ...Object.keys(attributes).slice(0, 9),
    ]);
    expect(sent!.attributes['agent_strace.dropped_attributes']).toEqual({ int: '3' });
    expect(sent?.dropped).toEqual([5, 0, 0]);
  });

  it('leave JSON that is still JSON, and no messages where that cannot be', () => {
    const messages = JSON.stringify([
      { role: 'user', parts: [{ type: 'text', content: 'long '.repeat(400) }] },
      { role: 'assistant', parts: [{ type: 'text', content: 'short' }] },
    ]);
    const many = JSON.stringify(Array.from({ length: 500 }, () => ({ role: 'user', parts: [] })));
    const span = makeSpan({
      attributes: {
        'gen_ai.input.messages': messages,
        'gen_ai.output.messages': many,
        'gen_ai.tool.call.arguments': `{"broken": "${'x'.repeat(900)}}`,
      },
    });
    const [sent] = spansOf(leaving([span], { maxAttributeLength: 600 }));
    const kept = String(sent?.attributes['gen_ai.input.messages']);
    expect(kept.length).toBeLessThanOrEqual(600);
    expect(JSON.parse(kept)[0].parts[0].content).toMatch(/^long long .* \[cut, 2000 characters\]$/);
    expect(JSON.parse(kept)[1]).toEqual(JSON.parse(messages)[1]);
    expect(sent?.attributes['gen_ai.output.messages']).toBeUndefined();
    expect(sent?.attributes['gen_ai.tool.call.arguments']).toMatch(/cut, \d+ characters\]$/);
    expect(sent?.attributes['agent_strace.truncated']).toEqual(Object.keys(span.attributes));
    expect(sent?.dropped[0]).toBe(1);
  });

  it('keep of JSON what fits, as it was written, and say where more was', () => {
    const todos = Array.from({ length: 60 }, (_, i) => ({ content: `Step ${i}`, done: false }));
    const exact = `{"id": 9007199254740993, "price": 1.10, "dup": 1, "dup": 2, "log": "${'x'.repeat(900)}"}`;
    const span = makeSpan({
      attributes: {
        'gen_ai.tool.call.arguments': JSON.stringify({ todos }),
        'gen_ai.tool.call.result': exact,
        'tool.output': `[${'7,'.repeat(500)}7]`,
        deep: `${'['.repeat(700)}${']'.repeat(700)}`,
      },
    });
    const [sent] = spansOf(leaving([span], { maxAttributeLength: 600 }));
    const text = (key: string) => String(sent?.attributes[key]);
    const kept = JSON.parse(text('gen_ai.tool.call.arguments')).todos;
    expect(kept.slice(0, 5)).toEqual(todos.slice(0, 5));
    expect(JSON.stringify(kept.at(-1))).toContain(
      `… [cut, ${String(span.attributes['gen_ai.tool.call.arguments']).length} characters]`,
    );
    expect(text('gen_ai.tool.call.result')).toMatch(
      /^\{"id":9007199254740993,"price":1\.10,"dup":1,"dup":2,"log":"x+… \[cut, 900 characters\]"\}$/,
    );
    expect(JSON.parse(text('tool.output')).slice(0, 3)).toEqual([7, 7, 7]);
    expect(JSON.stringify(JSON.parse(text('deep')))).toContain('[cut, 1400 characters]');
    for (const value of Object.values(sent?.attributes ?? {}))
      if (typeof value === 'string') expect(value.length).toBeLessThanOrEqual(600);
    expect(sent?.dropped[0]).toBe(0);
  });

  it('come from the standard variables too; the tighter one holds', () => {
    const span = makeSpan({ attributes: { a: 'x'.repeat(300), b: 1 } });
    const lengthUnder = (environment: Environment, more: Partial<Destination> = {}) =>
      String(spansOf(leaving([span], more, environment))[0]?.attributes['a']).length;
    expect(lengthUnder({})).toBe(300);
    expect(lengthUnder({ OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT: '200' })).toBe(200);
    expect(
      lengthUnder({
        OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT: '200',
        OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT: '150',
      }),
    ).toBe(150);
    expect(
      lengthUnder({ OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT: '200' }, { maxAttributeLength: 100 }),
    ).toBe(100);
    expect(lengthUnder({ OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT: 'many' })).toBe(300);
  });

  it('leave a span alone that is within them', () => {
    const span = makeSpan({ attributes: { a: 'x' } });
    expect(spanAdapter(destination('http://h', { maxAttributeLength: 100 }), {})!(span)).toBe(span);
    expect(spanAdapter(destination('http://h'), {})).toBeUndefined();
  });
});

describe('attributes that a destination wants', () => {
  it('go on its resources, which stay shared', () => {
    const other = resourceFromAttributes({ 'deployment.environment.name': 'recorded' });
    const spans = [...makeSpans(2), makeSpan({ resource: other }, 3)];
    const request = leaving(spans, {
      resourceAttributes: { 'deployment.environment.name': 'prod' },
    });
    expect(request.resourceSpans).toHaveLength(2);
    expect(spansOf(request).map((span) => span.resource)).toEqual([
      { 'deployment.environment.name': 'prod', 'service.name': 'test-agent' },
      { 'deployment.environment.name': 'prod', 'service.name': 'test-agent' },
      { 'deployment.environment.name': 'recorded' },
    ]);
  });

  it('are copied under its own names, unless those are taken', () => {
    const attributeAliases = { 'session.id': 'gen_ai.conversation.id' };
    const spans = [
      makeSpan({ attributes: { 'gen_ai.conversation.id': 'c1' } }, 1),
      makeSpan({ attributes: { 'gen_ai.conversation.id': 'c1', 'session.id': 's1' } }, 2),
      makeSpan({ attributes: {} }, 3),
    ];
    const sent = spansOf(leaving(spans, { attributeAliases }));
    expect(sent.map((span) => span.attributes['session.id'])).toEqual(['c1', 's1', undefined]);
  });
});
