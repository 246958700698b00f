import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';
import { createBatchSender } from '../../src/exporters/bisecting.ts';
import type { Destination } from '../../src/exporters/destination.ts';
import type { TimedSpan } from '../../src/exporters/encoder.ts';
import { createHttpTransport } from '../../src/exporters/http-transport.ts';
import { createProtobufTraceEncoder } from '../../src/exporters/otlp-protobuf.ts';
import { recordedSpans } from './recorded-spans.ts';

const BATCH = 512;
const SPANS = 60_000;

/** The same spans, built beforehand, through our sender or the SDK's exporter, with back-pressure for both. */
async function main(): Promise<void> {
  const [who = 'ours', compression = 'none', path = '', url = ''] = process.argv.slice(2);
  const spans = recordedSpans(path, SPANS).slice(0, SPANS);
  const start = process.hrtime.bigint();
  const cpu = process.cpuUsage();
  if (who === 'ours') await sendOurs(spans, compression as 'none' | 'gzip', url);
  else await sendSdk(spans, compression as 'none' | 'gzip', url);
  const used = process.cpuUsage(cpu);
  process.stdout.write(
    JSON.stringify({
      spans: spans.length,
      wallMillis: Number(process.hrtime.bigint() - start) / 1e6,
      cpuMillis: (used.user + used.system) / 1000,
    }),
  );
}

async function sendOurs(
  spans: readonly TimedSpan[],
  compression: 'none' | 'gzip',
  url: string,
): Promise<void> {
  const destination: Destination = {
    name: url,
    url,
    signal: 'traces',
    protocol: 'http/protobuf',
    headers: {},
    compression,
    maxRequestBytes: 4_000_000,
  };
  const transport = createHttpTransport(destination, { environment: {} });
  const sender = createBatchSender<TimedSpan>({
    encoder: createProtobufTraceEncoder({ maxBytes: 4_000_000 }),
    transport,
    deadlineMillis: 30_000,
  });
  for (let at = 0; at < spans.length; at += BATCH) await sender.send(spans.slice(at, at + BATCH));
  await transport.close();
}

async function sendSdk(
  spans: readonly ReadableSpan[],
  compression: 'none' | 'gzip',
  url: string,
): Promise<void> {
  const { OTLPTraceExporter } = await import('@opentelemetry/exporter-trace-otlp-proto');
  const exporter = new OTLPTraceExporter({
    url,
    compression: compression as never,
    timeoutMillis: 30_000,
  });
  for (let at = 0; at < spans.length; at += BATCH) {
    await new Promise<void>((resolve, reject) =>
      exporter.export(spans.slice(at, at + BATCH) as ReadableSpan[], (result) =>
        result.code === 0 ? resolve() : reject(result.error ?? new Error('the SDK failed to send')),
      ),
    );
  }
  await exporter.shutdown();
}

void main();
