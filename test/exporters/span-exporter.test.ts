import { AsyncLocalStorage } from 'node:async_hooks';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import {
  BasicTracerProvider,
  BatchSpanProcessor,
  type ReadableSpan,
  SimpleSpanProcessor,
  type SpanExporter,
} from '@opentelemetry/sdk-trace-base';
import { describe, expect, it } from 'vitest';
import { createSpanExporter } from '../../src/exporters/public.ts';
import { makeSpan, makeSpans } from '../support/spans.ts';
import { closeLater, start } from './transport-harness.ts';

type Result = Parameters<Parameters<SpanExporter['export']>[1]>[0];

function exported(exporter: SpanExporter, spans: ReadableSpan[]): Promise<Result> {
  return new Promise((resolve) => exporter.export(spans, resolve));
}

/** Tries once, and is shut down after the test. */
function exporterTo(url: string, more = {}): SpanExporter {
  const exporter = createSpanExporter({ endpoint: url, retryForMillis: 0, ...more });
  closeLater({ close: () => exporter.shutdown() });
  return exporter;
}

describe('our exporter as an OpenTelemetry span exporter', () => {
  it.each(['http/protobuf', 'http/json'] as const)(
    'takes spans of the SDK, as %s',
    async (protocol) => {
      const server = await start();
      const provider = new BasicTracerProvider({
        spanProcessors: [new SimpleSpanProcessor(exporterTo(server.url, { protocol }))],
      });
      const span = provider
        .getTracer('their-scope', '1.2')
        .startSpan('work', { attributes: { n: 1 }, startTime: [1_790_000_000, 1_234_999] });
      span.addEvent('half-way', {}, [1_790_000_000, 2_000_000]);
      span.end([1_790_000_001, 0]);
      await provider.forceFlush();
      const [arrived] = server.spans();
      expect(arrived).toMatchObject({
        name: 'work',
        startTimeUnixNano: '1790000000001234000',
        endTimeUnixNano: '1790000001000000000',
        scope: { name: 'their-scope', version: '1.2' },
      });
      expect(arrived?.events).toMatchObject([
        { name: 'half-way', timeUnixNano: '1790000000002000000' },
      ]);
      expect(arrived?.attributes).toEqual({ n: { int: '1' } });
      await provider.shutdown();
    },
  );

  it('loses nothing of a batch processor that is shut down at once', async () => {
    const server = await start();
    const processor = new BatchSpanProcessor(exporterTo(server.url));
    const provider = new BasicTracerProvider({ spanProcessors: [processor] });
    for (let n = 0; n < 2000; n++) provider.getTracer('many').startSpan(`span ${n}`).end();
    await provider.shutdown();
    expect(server.stored().size).toBe(2000);
  });

  it('sends headers and compressed bodies to a full URL, and nothing when there are no spans', async () => {
    const server = await start();
    const exporter = exporterTo(`${server.url}/v1/traces`, {
      headers: { 'x-key': 'k' },
      compression: 'gzip',
    });
    expect(await exported(exporter, [])).toEqual({ code: 0 });
    expect(server.requests).toHaveLength(0);
    expect(await exported(exporter, makeSpans(3))).toEqual({ code: 0 });
    expect(server.requests[0]?.headers).toMatchObject({ 'x-key': 'k', 'content-encoding': 'gzip' });
    expect(server.requests[0]?.path).toBe('/v1/traces');
  });

  it('sends spans that arrive meanwhile together, and reports to each call the result of its own spans', async () => {
    const server = await start({ refuseSpan: ({ name }) => name === 'bad' });
    const exporter = exporterTo(server.url);
    const one = (spanId: string, name: string) =>
      makeSpan({ spanId: `00000000000000${spanId}`, name });
    const results = await Promise.all([
      exported(exporter, [one('a1', 'first')]),
      exported(exporter, [one('a2', 'good')]),
      exported(exporter, [one('a3', 'bad'), one('a4', 'good too')]),
    ]);
    expect(results.map(({ code }) => code)).toEqual([0, 0, 1]);
    expect(results[2]?.error?.message).toMatch(/^1 spans were not accepted \(the server says: /);
    expect(server.requests.slice(0, 2).map(({ spans }) => spans.length)).toEqual([1, 3]);
    expect(server.stored().size).toBe(3);
  });

  it('reports failure, partial failure and a shutdown', async () => {
    const server = await start({
      fault: ({ number }) => [{ status: 401 }, { partial: { rejected: 1 } }][number - 1],
    });
    const exporter = exporterTo(server.url);
    const send = () => exported(exporter, makeSpans(2));
    expect([(await send()).code, (await send()).code, (await send()).code]).toEqual([1, 1, 0]);
    await exporter.shutdown();
    await exporter.shutdown();
    expect(await send()).toMatchObject({
      code: 1,
      error: { message: 'the exporter was shut down' },
    });
  });

  it('retries as long as configured', async () => {
    const server = await start({
      fault: ({ number }) => (number === 1 ? { status: 503 } : undefined),
    });
    expect(
      await exported(exporterTo(server.url, { retryForMillis: 10_000 }), makeSpans(2)),
    ).toEqual({
      code: 0,
    });
    expect(server.requests).toHaveLength(2);
  });

  it('answers every call, waits for what it was given, and holds a limited number', async () => {
    const server = await start({
      fault: ({ number }) => (number === 1 ? { delayMillis: 200 } : undefined),
    });
    const exporter = exporterTo(server.url);
    const many = makeSpans(50_000);
    const codes: number[] = [];
    const note = ({ code }: Result) => {
      codes.push(code);
      throw new Error('a mistake of the caller');
    };
    exporter.export(makeSpans(1), note);
    exporter.export(many, note);
    expect(await exported(exporter, makeSpans(1))).toMatchObject({
      code: 1,
      error: { message: '50000 spans are waiting to be sent, and no more are accepted' },
    });
    await exporter.forceFlush?.();
    expect(codes).toEqual([0, 0]);
  });

  it('is flushed although more spans keep arriving', async () => {
    const server = await start();
    const exporter = exporterTo(server.url);
    let flushed = false;
    const sendOn = () => {
      if (!flushed) exporter.export(makeSpans(1), sendOn);
    };
    sendOn();
    await exporter.forceFlush?.();
    flushed = true;
    expect(server.requests.length).toBeGreaterThan(0);
  });

  it('sends in the context of an export, which processors mark as not to be traced, and never in that of a flush', async () => {
    const server = await start();
    const exporter = exporterTo(server.url);
    const caller = new AsyncLocalStorage<string>();
    const callers: unknown[] = [];
    const note = () => callers.push(caller.getStore());
    subscribe('http.client.request.start', note);
    try {
      const flushed = caller.run('flush', () => exporter.forceFlush?.());
      await caller.run('export', () => exported(exporter, makeSpans(1)));
      await flushed;
    } finally {
      unsubscribe('http.client.request.start', note);
    }
    expect(callers).toEqual(['export']);
  });

  it.each([
    [{ endpoint: undefined }, 'wrong_endpoint', '"" is not a URL'],
    [{ requestTimeoutMillis: 0 }, 'usage', 'requestTimeoutMillis must be a number above 0'],
    [
      { requestTimeoutMillis: Number.NaN },
      'usage',
      'requestTimeoutMillis must be a number above 0',
    ],
    [{ retryForMillis: -1 }, 'usage', 'retryForMillis must be 0 or a number above it'],
    [{ protocol: 'grpc' }, 'usage', 'protocol must be http/protobuf or http/json'],
    [{ compression: 'br' }, 'usage', 'compression must be gzip or none'],
    [{ requestTimeoutMillis: '5000' }, 'usage', 'requestTimeoutMillis must be a number above 0'],
    [{ retryForMillis: '5000' }, 'usage', 'retryForMillis must be 0 or a number above it'],
    [{ headers: new Headers({ a: 'b' }) }, 'usage', 'headers must be a plain object'],
    [{ headers: [['a', 'b']] }, 'usage', 'headers must be a plain object'],
    [{ headers: { authorization: undefined } }, 'usage', 'the header authorization has no value'],
  ])('refuses %j of programs that are not type-checked', (option, code, message) => {
    const options = { endpoint: 'http://localhost', ...option } as { endpoint: string };
    expect(() => createSpanExporter(options)).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(message) }),
    );
  });

  it('says which spans it takes when it is given those of an older SDK', async () => {
    const server = await start();
    const [span] = makeSpans(1);
    const older = { ...span, instrumentationScope: undefined } as unknown as ReadableSpan;
    const { code, error } = await exported(exporterTo(server.url), [older]);
    expect([code, error?.message]).toEqual([1, expect.stringContaining('SDK 2.x')]);
  });

  it('reports unusable options at once', () => {
    expect(() => createSpanExporter(undefined as never)).toThrow(
      expect.objectContaining({ code: 'usage' }),
    );
    expect(() => createSpanExporter({ endpoint: 'localhost:4318' })).toThrow(
      'did you mean http://',
    );
    expect(() =>
      createSpanExporter({ endpoint: 'http://localhost', headers: { host: 'x' } }),
    ).toThrow('The header host is set by agent-strace itself');
  });
});
