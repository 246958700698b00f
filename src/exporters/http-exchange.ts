import {
  type Agent,
  type ClientRequest,
  request as httpRequest,
  type IncomingMessage,
} from 'node:http';
import { request as httpsRequest } from 'node:https';
import { gunzipSync } from 'node:zlib';

/** More of an answer than this is not read (the OTLP specification's recommended limit). */
const ANSWER_LIMIT = 4 * 1024 * 1024;

/** What gzip begins with. */
const GZIP_BYTE = 0x1f;

/** Timers take no more; a longer deadline would be over at once. */
const LONGEST_TIMER_MILLIS = 2 ** 31 - 1;

/** An answer as far as it matters. */
export interface HttpAnswer {
  readonly status: number;
  /** Lower case, parameters included; empty where absent. */
  readonly contentType: string;
  readonly retryAfter: string | undefined;
  readonly location: string | undefined;
  /** Decompressed. */
  readonly body: Buffer;
  /** The body was longer than is read, or could not be decompressed. */
  readonly truncated: boolean;
}

/** Why there is no answer. `sent`: the whole request had been written, so it may have arrived. */
export interface HttpFailure {
  readonly cause: 'error' | 'deadline' | 'aborted';
  readonly sent: boolean;
  readonly error: NodeJS.ErrnoException;
}

export interface HttpRequest {
  readonly url: URL;
  readonly agent: Agent;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  readonly tls: {
    readonly ca?: string | undefined;
    readonly cert?: string | undefined;
    readonly key?: string | undefined;
  };
  /** For the whole exchange, in milliseconds from now. */
  readonly deadlineMillis: number;
  readonly signal: AbortSignal | undefined;
}

/** Posts once. Resolves in every case, at the latest when the deadline is over; never follows a redirect. */
export function exchange(request: HttpRequest): Promise<HttpAnswer | HttpFailure> {
  return new Promise((resolve) => {
    let cause: HttpFailure['cause'] = 'error';
    let sent = false;
    const settle = (result: HttpAnswer | HttpFailure) => {
      clearTimeout(timer);
      request.signal?.removeEventListener('abort', abort);
      resolve(result);
    };
    const stop = (why: HttpFailure['cause']) => {
      cause = why;
      outgoing.destroy(new Error(why === 'deadline' ? 'no answer in time' : 'stopped'));
    };
    const abort = () => stop('aborted');
    const outgoing = open(request);
    outgoing.once('finish', () => {
      sent = true;
    });
    outgoing.once('error', (error) => settle({ cause, sent, error }));
    outgoing.once('response', (incoming) =>
      readAnswer(incoming, (error, answer) => {
        settle(answer ?? { cause, sent: true, error: error ?? new Error('the answer broke off') });
      }),
    );
    const timer = setTimeout(
      () => stop('deadline'),
      Math.min(request.deadlineMillis, LONGEST_TIMER_MILLIS),
    );
    request.signal?.addEventListener('abort', abort, { once: true });
    if (request.signal?.aborted) abort();
    else outgoing.end(request.body);
  });
}

function open(request: HttpRequest): ClientRequest {
  const secure = request.url.protocol === 'https:';
  return (secure ? httpsRequest : httpRequest)(request.url, {
    method: 'POST',
    agent: request.agent,
    headers: request.headers,
    ...(secure ? present(request.tls) : {}),
  });
}

function present(tls: HttpRequest['tls']): Record<string, string> {
  return Object.fromEntries(
    Object.entries(tls).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}

/** Collects an answer up to the limit. What is longer is cut off together with its connection. */
function readAnswer(
  incoming: IncomingMessage,
  done: (error: Error | undefined, answer?: HttpAnswer) => void,
): void {
  const chunks: Buffer[] = [];
  let length = 0;
  const finish = (cut: boolean) => {
    const wire = Buffer.concat(chunks).subarray(0, ANSWER_LIMIT);
    const coding = incoming.headers['content-encoding']?.toLowerCase();
    const body = !cut && coding === 'gzip' && wire[0] === GZIP_BYTE ? unzipped(wire) : wire;
    done(undefined, {
      status: incoming.statusCode ?? 0,
      contentType: (incoming.headers['content-type'] ?? '').toLowerCase(),
      retryAfter: incoming.headers['retry-after'],
      location: incoming.headers.location,
      body: body ?? wire,
      truncated: cut || body === undefined,
    });
  };
  incoming.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    length += chunk.length;
    if (length <= ANSWER_LIMIT) return;
    finish(true);
    incoming.destroy();
  });
  incoming.once('end', () => finish(false));
  incoming.once('error', (error) => done(error));
  incoming.once('close', () => done(new Error('the answer broke off')));
}

/** Some servers compress unasked. Undefined where it is longer than is read, or damaged. */
function unzipped(body: Buffer): Buffer | undefined {
  try {
    return gunzipSync(body, { maxOutputLength: ANSWER_LIMIT });
  } catch {
    return undefined;
  }
}
