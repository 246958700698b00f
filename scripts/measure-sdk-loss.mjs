// How many of 100,000 spans arrive through the SDK's BatchSpanProcessor and its HTTP exporter, for adr/0006.
import { createServer } from 'node:http';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';

const SPANS = 100_000;

/** Sends the spans, yielding to the event loop after each `every`; resolves to the share that arrived. */
async function delivered(every, delayMillis) {
  let arrived = 0;
  const server = createServer((request, response) => {
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => {
      const { resourceSpans } = JSON.parse(Buffer.concat(chunks).toString('utf8'));
      for (const { scopeSpans } of resourceSpans)
        for (const { spans } of scopeSpans) arrived += spans.length;
      setTimeout(() => response.end('{}'), delayMillis);
    });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const exporter = new OTLPTraceExporter({
    url: `http://127.0.0.1:${server.address().port}/v1/traces`,
  });
  const provider = new BasicTracerProvider({ spanProcessors: [new BatchSpanProcessor(exporter)] });
  const tracer = provider.getTracer('measure');
  for (let n = 1; n <= SPANS; n++) {
    tracer.startSpan(`span ${n}`).end();
    if (n % every === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  await provider.shutdown();
  server.closeAllConnections();
  server.close();
  return arrived / SPANS;
}

for (const [what, every, delay] of [
  ['plain loop, instant server', SPANS, 0],
  ['yield every 500 spans, instant server', 500, 0],
  ['yield every 500 spans, server takes 50 ms', 500, 50],
]) {
  console.log(`${what}: ${((await delivered(every, delay)) * 100).toFixed(1)} % arrived`);
}
