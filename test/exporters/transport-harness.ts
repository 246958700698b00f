import { onTestFinished } from 'vitest';
import type { Destination } from '../../src/exporters/destination.ts';
import type { Payload } from '../../src/exporters/encoder.ts';
import {
  createHttpTransport,
  type HttpTransportOptions,
} from '../../src/exporters/http-transport.ts';
import { createJsonTraceEncoder } from '../../src/exporters/otlp-json.ts';
import { createProtobufTraceEncoder } from '../../src/exporters/otlp-protobuf.ts';
import type { Outcome } from '../../src/exporters/outcome.ts';
import {
  type OtlpServer,
  type OtlpServerOptions,
  startOtlpServer,
} from '../support/otlp-server.ts';
import { makeSpans } from '../support/spans.ts';

/** Closes it after the test, the newest first. */
export function closeLater(one: { close(): Promise<unknown> }): void {
  onTestFinished(async () => void (await one.close()));
}

/** A receiver that is closed after the test. */
export async function start(options: OtlpServerOptions = {}): Promise<OtlpServer> {
  const server = await startOtlpServer(options);
  closeLater(server);
  return server;
}

export function destination(url: string, more: Partial<Destination> = {}): Destination {
  return {
    name: url,
    url: `${url}/v1/traces`,
    signal: 'traces',
    protocol: 'http/protobuf',
    headers: {},
    compression: 'none',
    maxRequestBytes: 1_000_000,
    ...more,
  };
}

/** `count` spans, encoded. */
export function payload(count = 3, json = false, text = ''): Payload {
  const encoder = (json ? createJsonTraceEncoder : createProtobufTraceEncoder)({
    maxBytes: 64 << 20,
  });
  for (const span of makeSpans(count, text ? { attributes: { text } } : {}))
    encoder.tryAppend(span);
  return encoder.finish();
}

/** Posts once without any proxy of the machine that runs the tests. */
export async function post(
  to: Destination,
  body = payload(),
  deadline = 10_000,
  options: HttpTransportOptions = {},
): Promise<Outcome> {
  const transport = createHttpTransport(to, { environment: {}, ...options });
  closeLater(transport);
  return transport.post(body, deadline);
}
