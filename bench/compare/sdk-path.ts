import { setImmediate } from 'node:timers/promises';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { BatchSpanProcessor, type ReadableSpan } from '@opentelemetry/sdk-trace-base';
import { recordedSpans } from '../children/recorded-spans.ts';

/**
 * The spans of a store through OpenTelemetry's own BatchSpanProcessor and OTLPTraceExporter with their defaults, as a
 * program with the SDK would send them. `pauseEvery`: after so many spans other work gets a turn; 0 never.
 */
async function main(): Promise<void> {
  const [path = '', url = '', pauseEvery = '0'] = process.argv.slice(2);
  const pause = Number(pauseEvery);
  const processor = new BatchSpanProcessor(new OTLPTraceExporter({ url: `${url}/v1/traces` }));
  let sent = 0;
  for (const span of recordedSpans(path, Number.POSITIVE_INFINITY)) {
    processor.onEnd(span as ReadableSpan);
    sent++;
    if (pause > 0 && sent % pause === 0) await setImmediate();
  }
  await processor.forceFlush();
  await processor.shutdown();
  process.stdout.write(JSON.stringify({ sent }));
}

void main();
