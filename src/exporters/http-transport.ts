import { Agent as HttpAgent, validateHeaderName, validateHeaderValue } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { AgentStraceError } from '../errors.ts';
import { VERSION } from '../version.ts';
import type { Destination } from './destination.ts';
import type { Payload } from './encoder.ts';
import { exchange } from './http-exchange.ts';
import { outcomeOf } from './http-outcome.ts';
import { failureOutcome } from './network-failure.ts';
import type { Outcome } from './outcome.ts';
import { proxyAgent, proxyFor } from './proxy.ts';
import type { Transport } from './transport.ts';

const compress = promisify(gzip);
/** Level 6 saves 15 % of the bytes for more than three times the time. */
const GZIP_LEVEL = 1;

export interface HttpTransportOptions {
  /** `User-Agent` of every request; `agent-strace/<version>` unless given. */
  readonly userAgent?: string | undefined;
  /** Where `HTTP(S)_PROXY` and `NO_PROXY` are looked up; the process's own variables unless given. */
  readonly environment?: Readonly<Record<string, string | undefined>> | undefined;
  /** Milliseconds since the epoch, for `Retry-After` dates. */
  readonly now?: (() => number) | undefined;
}

/**
 * Sends payloads to one destination over HTTP/1.1 with keep-alive. Throws `usage` at once for a header that
 * HTTP does not allow and for a proxy that is not HTTP; `post` itself never throws for anything a network or server does.
 */
export function createHttpTransport(
  destination: Destination,
  options: HttpTransportOptions = {},
): Transport {
  checkHeaders(destination.headers);
  return new HttpTransport(destination, options);
}

class HttpTransport implements Transport {
  readonly #destination: Destination;
  readonly #url: URL;
  readonly #userAgent: string;
  readonly #now: () => number;
  readonly #environment: Readonly<Record<string, string | undefined>>;
  readonly #proxyHost: string | undefined;
  #agent: Promise<HttpAgent> | undefined;

  constructor(destination: Destination, options: HttpTransportOptions) {
    this.#destination = destination;
    this.#url = new URL(destination.url);
    this.#userAgent = options.userAgent ?? `agent-strace/${VERSION}`;
    this.#environment = options.environment ?? process.env;
    // A proxy that cannot be used is told before anything is sent.
    const proxy = proxyFor(this.#url, this.#environment);
    this.#proxyHost = proxy === undefined ? undefined : new URL(proxy).host;
    this.#now = options.now ?? Date.now;
  }

  async post(payload: Payload, deadlineMillis: number, signal?: AbortSignal): Promise<Outcome> {
    const { headers, tls } = this.#destination;
    const compressed = this.#destination.compression === 'gzip';
    const body = compressed ? await compress(payload.bytes, { level: GZIP_LEVEL }) : payload.bytes;
    this.#agent ??= this.#openAgent();
    const result = await exchange({
      url: this.#url,
      agent: await this.#agent,
      headers: { ...headers, ...this.#ownHeaders(payload, body.length, compressed) },
      body,
      tls: tls ?? {},
      deadlineMillis,
      signal,
    });
    return 'cause' in result
      ? failureOutcome(result, this.#proxyHost)
      : outcomeOf(result, headers, this.#now());
  }

  #ownHeaders(payload: Payload, length: number, compressed: boolean): Record<string, string> {
    return {
      'content-type': payload.contentType,
      'content-length': String(length),
      'user-agent': this.#userAgent,
      ...(compressed ? { 'content-encoding': 'gzip' } : {}),
    };
  }

  async #openAgent(): Promise<HttpAgent> {
    const proxied = await proxyAgent(this.#url, this.#environment);
    if (proxied !== undefined) return proxied;
    return this.#url.protocol === 'https:'
      ? new HttpsAgent({ keepAlive: true })
      : new HttpAgent({ keepAlive: true });
  }

  async close(): Promise<void> {
    (await this.#agent)?.destroy();
    this.#agent = undefined;
  }
}

/** Header names are case-insensitive; ours must win over whatever spelling was configured. */
const OWN_HEADERS = new Set([
  'content-type',
  'content-length',
  'content-encoding',
  'user-agent',
  'transfer-encoding',
  'host',
  'connection',
]);

function checkHeaders(headers: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(headers)) {
    try {
      validateHeaderName(name);
      validateHeaderValue(name, value);
    } catch {
      throw new AgentStraceError(
        'usage',
        `The header ${JSON.stringify(name)} or its value has a character that HTTP does not allow.`,
      );
    }
    if (OWN_HEADERS.has(name.toLowerCase())) {
      throw new AgentStraceError('usage', `The header ${name} is set by agent-strace itself.`);
    }
  }
}
