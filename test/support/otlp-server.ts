import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { type DecodedSpan, decodeRequest, spansOf } from './decoded-spans.ts';
import { type Fault, refusal, respond, signalOf } from './otlp-answers.ts';
import { complainAboutHead, complainAboutTraces } from './otlp-strictness.ts';

/** One request as it arrived. */
export interface ReceivedRequest {
  readonly number: number;
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly contentType: string;
  /** Body after decompression. */
  readonly body: Buffer;
  /** Bytes that came over the wire. */
  readonly wireBytes: number;
  readonly spans: readonly DecodedSpan[];
  /** The decoded request of any signal; undefined where it is not valid OTLP. */
  readonly message: Record<string, unknown> | undefined;
  /** What was answered; 0 when the connection died instead. */
  readonly status: number;
  /** The items were taken. */
  readonly taken: boolean;
}

export interface OtlpServerOptions {
  readonly port?: number | undefined;
  /** Decides about each request; undefined takes it. `number` counts from 1. */
  readonly fault?:
    | ((request: Omit<ReceivedRequest, 'status' | 'taken'>) => Fault | undefined)
    | undefined;
  /** A request with such a span is refused as a whole with 400. */
  readonly refuseSpan?: ((span: DecodedSpan) => boolean) | undefined;
  /** Bodies longer than this, after decompression, get 413. */
  readonly maxBytes?: number | undefined;
  /** Refuses what the strictest known backend refuses. On unless switched off. */
  readonly strict?: boolean | undefined;
  /** `415` for JSON, as Phoenix does. */
  readonly protobufOnly?: boolean | undefined;
  /** Spans that ended longer ago are dropped with a 200, as some vendors do. */
  readonly dropOlderThanMillis?: number | undefined;
  readonly paths?: readonly string[] | undefined;
  readonly tls?:
    | {
        readonly key: string;
        readonly cert: string;
        readonly ca?: string;
        readonly requestCert?: boolean;
        readonly rejectUnauthorized?: boolean;
        readonly maxVersion?: 'TLSv1.2';
      }
    | undefined;
}

export type { Fault } from './otlp-answers.ts';

/** A receiver on loopback that decodes and remembers everything and fails on demand. */
export interface OtlpServer {
  readonly url: string;
  readonly port: number;
  /** Every request in the order of its arrival. */
  readonly requests: readonly ReceivedRequest[];
  /** Spans of all requests that were taken, copies included. */
  spans(): DecodedSpan[];
  /** Spans by id, the first copy wins. */
  stored(): Map<string, DecodedSpan>;
  /** Copies of spans that were there already; `differing` ones are not equal to the first. */
  copies(): { readonly equal: number; readonly differing: number };
  /** These happen to the next requests, one each, before `fault` is asked. */
  failNext(...faults: Fault[]): void;
  /** Connections that were opened so far. */
  connections(): number;
  setFault(fault: OtlpServerOptions['fault']): void;
  close(): Promise<void>;
}

const DEFAULT_PATHS = ['/v1/traces', '/v1/metrics', '/v1/logs'];

/** Starts a receiver; `http://127.0.0.1:<port>` unless `tls` is given. */
export async function startOtlpServer(options: OtlpServerOptions = {}): Promise<OtlpServer> {
  const receiver = new Receiver(options);
  const handle = (incoming: IncomingMessage, outgoing: ServerResponse) =>
    receiver.handle(incoming, outgoing);
  const server: Server = options.tls ? createTlsServer(options.tls, handle) : createServer(handle);
  const sockets = new Set<Socket>();
  let connections = 0;
  server.on('connection', (socket) => {
    connections++;
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    socket.on('error', () => {});
  });
  server.on('tlsClientError', () => {});
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `${options.tls ? 'https' : 'http'}://127.0.0.1:${port}`,
    port,
    requests: receiver.requests,
    spans: () => receiver.spans(),
    stored: () => receiver.stored(),
    copies: () => receiver.copies(),
    failNext: (...faults) => receiver.queue.push(...faults),
    connections: () => connections,
    setFault: (fault) => {
      receiver.fault = fault;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

class Receiver {
  readonly requests: ReceivedRequest[] = [];
  readonly queue: Fault[] = [];
  fault: OtlpServerOptions['fault'];
  readonly #options: OtlpServerOptions;
  #count = 0;

  constructor(options: OtlpServerOptions) {
    this.#options = options;
    this.fault = options.fault;
  }

  spans(): DecodedSpan[] {
    return this.requests.filter((request) => request.taken).flatMap((request) => request.spans);
  }

  stored(): Map<string, DecodedSpan> {
    const stored = new Map<string, DecodedSpan>();
    for (const span of this.spans()) if (!stored.has(span.spanId)) stored.set(span.spanId, span);
    return stored;
  }

  copies(): { equal: number; differing: number } {
    const first = new Map<string, string>();
    const copies = { equal: 0, differing: 0 };
    for (const span of this.spans()) {
      const text = JSON.stringify(span);
      const known = first.get(span.spanId);
      if (known === undefined) first.set(span.spanId, text);
      else if (known === text) copies.equal++;
      else copies.differing++;
    }
    return copies;
  }

  handle(incoming: IncomingMessage, outgoing: ServerResponse): void {
    const queued = this.queue[0];
    if (queued?.connection === 'reset-mid-body') {
      this.queue.shift();
      incoming.once('data', () => incoming.socket.resetAndDestroy());
      return;
    }
    const chunks: Buffer[] = [];
    incoming.on('error', () => {});
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.once('end', () => this.#answer(incoming, Buffer.concat(chunks), outgoing));
  }

  #answer(incoming: IncomingMessage, wire: Buffer, outgoing: ServerResponse): void {
    const request = this.#read(incoming, wire);
    const fault = this.queue.shift() ?? this.fault?.(request) ?? this.#complaint(request) ?? {};
    const lost = fault.connection === 'hang' || fault.connection === 'reset-after-body';
    const status = lost ? 0 : (fault.status ?? 200);
    // A connection that dies after the body is the case in which the server did take it.
    const taken =
      fault.connection === 'reset-after-body' ||
      (status >= 200 && status < 300 && fault.connection !== 'hang');
    this.requests.push({ ...request, spans: this.#young(request.spans), status, taken });
    const json = request.contentType === 'application/json';
    setTimeout(() => respond(fault, json, request.path, outgoing), fault.delayMillis ?? 0);
  }

  #read(incoming: IncomingMessage, wire: Buffer): Omit<ReceivedRequest, 'status' | 'taken'> {
    const contentType = incoming.headers['content-type'] ?? '';
    const body = incoming.headers['content-encoding'] === 'gzip' ? gunzipSync(wire) : wire;
    let message: Record<string, unknown> | undefined;
    try {
      message = decodeRequest(body, contentType, signalOf(incoming.url ?? ''));
    } catch {
      message = undefined;
    }
    return {
      number: ++this.#count,
      method: incoming.method ?? '',
      path: incoming.url ?? '',
      headers: incoming.headers,
      contentType,
      body,
      wireBytes: wire.length,
      spans: message ? spansOf(message) : [],
      message,
    };
  }

  #complaint(request: Omit<ReceivedRequest, 'status' | 'taken'>): Fault | undefined {
    const {
      strict = true,
      paths = DEFAULT_PATHS,
      maxBytes,
      protobufOnly,
      refuseSpan,
    } = this.#options;
    const json = request.contentType === 'application/json';
    if (!paths.includes(request.path.split('?')[0]!)) return refusal(404, 'no such path');
    if (protobufOnly && json) return refusal(415, 'Unsupported content type: application/json');
    const head = strict ? complainAboutHead(request.headers) : undefined;
    if (head) return refusal(head.status, head.message);
    if (maxBytes !== undefined && request.body.length > maxBytes)
      return refusal(413, 'request too large');
    if (request.message === undefined) return refusal(400, 'not a valid request');
    const traces =
      strict && signalOf(request.path) === 'traces'
        ? complainAboutTraces(request.message, json)
        : undefined;
    if (traces) return refusal(traces.status, traces.message);
    const bad = refuseSpan && request.spans.find(refuseSpan);
    return bad ? refusal(400, `span ${bad.spanId} is not acceptable`) : undefined;
  }

  #young(spans: readonly DecodedSpan[]): readonly DecodedSpan[] {
    const { dropOlderThanMillis } = this.#options;
    if (dropOlderThanMillis === undefined) return spans;
    const oldest = Date.now() - dropOlderThanMillis;
    return spans.filter((span) => Number(span.endTimeUnixNano) / 1e6 >= oldest);
  }
}
