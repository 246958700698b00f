import type { ServerResponse } from 'node:http';

type Signal = 'traces' | 'metrics' | 'logs';

/** What the server does with one request instead of taking it. Without `status` the request is taken. */
export interface Fault {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** Waits before answering, in milliseconds. */
  readonly delayMillis?: number;
  /** The answer is a partial success with this many rejected items (in the request's own encoding). */
  readonly partial?: { readonly rejected: number; readonly message?: string };
  /**
   * `reset-mid-body`: the connection dies while the body comes in. `reset-after-body`: the request is taken and the
   * connection dies without an answer. `half-answer`: status and the beginning of the body, then it dies.
   * `trickle`: the answer comes one byte a `delayMillis` and never ends. `hang`: no answer at all.
   */
  readonly connection?: 'reset-mid-body' | 'reset-after-body' | 'half-answer' | 'trickle' | 'hang';
}

/** The signal of a request's path. */
export function signalOf(path: string): Signal {
  if (path.includes('metric') || path.includes('datapoint')) return 'metrics';
  return path.includes('logs') ? 'logs' : 'traces';
}

/** A refusal as receivers word it. */
export function refusal(status: number, message: string): Fault {
  return {
    status,
    body: JSON.stringify({ code: 3, message }),
    headers: { 'content-type': 'application/json' },
  };
}

/** Answers a request, or fails to, as `fault` says. */
export function respond(fault: Fault, json: boolean, path: string, outgoing: ServerResponse): void {
  if (fault.connection === 'hang') return;
  if (fault.connection === 'reset-after-body') {
    outgoing.socket?.resetAndDestroy();
    return;
  }
  const body =
    fault.body ??
    (fault.partial ? partialAnswer(fault.partial, json, signalOf(path)) : json ? '{}' : '');
  outgoing.statusCode = fault.status ?? 200;
  outgoing.setHeader('content-type', json ? 'application/json' : 'application/x-protobuf');
  for (const [name, value] of Object.entries(fault.headers ?? {})) outgoing.setHeader(name, value);
  if (fault.connection === 'trickle') {
    const timer = setInterval(() => outgoing.write(' '), fault.delayMillis || 20);
    outgoing.once('close', () => clearInterval(timer));
    return;
  }
  if (fault.connection === 'half-answer') {
    outgoing.setHeader('content-length', '1000');
    outgoing.write('{"partial', () => outgoing.socket?.destroy());
    return;
  }
  outgoing.end(body);
}

function partialAnswer(
  partial: { rejected: number; message?: string },
  json: boolean,
  signal: Signal,
): string | Buffer {
  const field = {
    traces: 'rejectedSpans',
    metrics: 'rejectedDataPoints',
    logs: 'rejectedLogRecords',
  }[signal];
  if (json) {
    return JSON.stringify({
      partialSuccess: { [field]: String(partial.rejected), errorMessage: partial.message ?? '' },
    });
  }
  const message = Buffer.from(partial.message ?? '');
  const inner = Buffer.concat([
    Buffer.from([0x08, ...varint(partial.rejected), 0x12, ...varint(message.length)]),
    message,
  ]);
  return Buffer.concat([Buffer.from([0x0a, ...varint(inner.length)]), inner]);
}

function varint(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...varint(value >>> 7)];
}
