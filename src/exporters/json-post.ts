import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { Destination } from './destination.ts';
import { exchange, type HttpAnswer, type HttpFailure } from './http-exchange.ts';
import { proxyAgent } from './proxy.ts';
import { retryAfterMillis } from './retry-after.ts';
import { isHtml, requestSecrets, safeSentence, serverMessage } from './server-message.ts';

/** What a server answered to a JSON request. */
export interface Answer {
  /** HTTP status; 0 when no answer came. */
  readonly status: number;
  /** The parsed JSON body; undefined when there is none or it is not JSON. */
  readonly body: unknown;
  /** What came as the body: nothing, a web page, or what may be JSON. */
  readonly content: 'nothing' | 'page' | 'data';
  /** From `Retry-After`, in milliseconds from now; undefined where it says nothing. */
  readonly afterMillis: number | undefined;
  /** Status and message for a person; free of header values. */
  readonly reason: string;
  /** Bytes of the request's body. */
  readonly sentBytes: number;
}

export interface JsonPosterOptions {
  /** Where the proxy variables are looked up; the process's own unless given. */
  readonly environment?: Readonly<Record<string, string | undefined>> | undefined;
  readonly tls?: Destination['tls'];
}

/** Posts JSON values to one URL over kept connections. */
export interface JsonPoster {
  /** Never rejects for what a server or a network does; redirects are not followed. */
  post(value: unknown, deadlineMillis: number, signal?: AbortSignal): Promise<Answer>;
  close(): void;
}

/** The proxy variables of the environment hold. Rejects with AgentStraceError `usage` for a bad proxy. */
export async function createJsonPoster(
  url: URL,
  headers: Readonly<Record<string, string>>,
  options: JsonPosterOptions = {},
): Promise<JsonPoster> {
  const direct = url.protocol === 'https:' ? HttpsAgent : HttpAgent;
  const agent =
    (await proxyAgent(url, options.environment ?? process.env)) ?? new direct({ keepAlive: true });
  const secrets = requestSecrets(url, headers);
  return {
    async post(value, deadlineMillis, signal) {
      const body = Buffer.from(JSON.stringify(value));
      const length = { 'content-type': 'application/json', 'content-length': String(body.length) };
      const all = { ...headers, ...length };
      const answer = await exchange({
        url,
        agent,
        headers: all,
        body,
        tls: options.tls ?? {},
        deadlineMillis,
        signal,
      });
      // No tunnel through a proxy is no answer of the server, and least of all a success.
      const noTunnel = !('error' in answer) && answer.fromProxy && answer.status < 300;
      if ('error' in answer || noTunnel) {
        const reason =
          'error' in answer
            ? failureText(answer)
            : `no tunnel through the proxy, HTTP ${answer.status}`;
        const sentBytes = body.length;
        const afterMillis = undefined;
        return { status: 0, body: undefined, content: 'nothing', afterMillis, reason, sentBytes };
      }
      const said = serverMessage(answer.body, answer.contentType, secrets);
      return {
        status: answer.status,
        body: parsed(answer.body),
        content: contentOf(answer),
        afterMillis: retryAfterMillis(answer.retryAfter, Date.now()),
        reason: `HTTP ${answer.status}${said === undefined ? '' : `: ${said}`}`,
        sentBytes: body.length,
      };
    },
    close: () => agent.destroy(),
  };
}

/** The value's members, or none where it is no object. */
export function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function failureText({ error }: HttpFailure): string {
  return safeSentence(error.message || (error.code ?? 'no answer'));
}

function contentOf({ body, contentType }: HttpAnswer): Answer['content'] {
  if (body.length === 0) return 'nothing';
  return isHtml(body, contentType) ? 'page' : 'data';
}

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
}
