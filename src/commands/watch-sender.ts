import { type BatchSender, createBatchSender } from '../exporters/bisecting.ts';
import type { Destination } from '../exporters/destination.ts';
import type { TimedSpan } from '../exporters/encoder.ts';
import { createHttpTransport } from '../exporters/http-transport.ts';
import { createJsonTraceEncoder } from '../exporters/otlp-json.ts';
import { createProtobufTraceEncoder } from '../exporters/otlp-protobuf.ts';
import { retrying } from '../exporters/retrying.ts';
import { VERSION } from '../version.ts';
import type { CommandContext } from './command.ts';

const DEFAULT_TIMEOUT_MILLIS = 10_000;

/** A sender that never gives up while its destination is merely down: the store keeps what waits. */
export function openLiveSender(
  context: CommandContext,
  destination: Destination,
): { name: string; batch: BatchSender<TimedSpan>; close(): Promise<void> } {
  const stop = new AbortController();
  const transport = retrying(createHttpTransport(destination, { userAgent: `agent-strace/${VERSION}`, environment: context.env }), {
    budgetMillis: Number.POSITIVE_INFINITY,
    signal: stop.signal,
    onRetry: ({ attempt, delayMillis, reason }) => {
      if (attempt === 1) context.say(`${destination.name}: ${reason}; trying again (first in ${(delayMillis / 1000).toFixed(1)} s), nothing is lost`);
    },
  });
  const limits = { maxBytes: destination.maxRequestBytes };
  const batch = createBatchSender<TimedSpan>({
    encoder: destination.protocol === 'http/json' ? createJsonTraceEncoder(limits) : createProtobufTraceEncoder(limits),
    transport,
    deadlineMillis: (context.options['requestTimeout'] as number | undefined) ?? DEFAULT_TIMEOUT_MILLIS,
    signal: stop.signal,
  });
  return {
    name: destination.name,
    batch,
    close: async () => {
      stop.abort();
      await transport.close();
    },
  };
}
