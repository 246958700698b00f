import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { decodeRequest, spansOf } from './decoded-spans.ts';
import {
  complainAboutScore,
  complainAboutUsage,
  type Observation,
  observationOf,
} from './langfuse-rules.ts';

export const PUBLIC_KEY = 'pk-lf-1234';
export const SECRET_KEY = 'sk-lf-very-secret';

type Body = Record<string, unknown>;

/** An answer that is given instead of the server's own. */
interface Forced {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** A trace as its page shows it. */
interface ShownTrace {
  readonly id: string;
  readonly name: string | undefined;
  readonly sessions: readonly string[];
  readonly root: Observation | undefined;
  readonly observations: readonly Observation[];
  readonly tokens: number;
  readonly cost: number;
  readonly scores: readonly Body[];
}

export interface LangfuseServer {
  readonly url: string;
  /** Requests in order, as `POST /path STATUS`. */
  readonly requests: readonly string[];
  /** What was wrong although it had to be taken, and calls of what must not be called any more. */
  readonly complaints: readonly string[];
  /** Rows; a span that comes twice is two rows, as it is in the real one until it is merged. */
  readonly rows: readonly Observation[];
  readonly scores: ReadonlyMap<string, Body>;
  traces(): ShownTrace[];
  /** The next requests to a path that ends so are answered like this, one each. */
  force(path: string, ...answers: Forced[]): void;
  close(): Promise<void>;
}

export interface LangfuseServerOptions {
  /** Servers before 4.59 take single scores only. */
  readonly arrays?: boolean;
  /** A path in front of everything, as behind a proxy. */
  readonly base?: string;
}

/** A Langfuse v4 on loopback that holds to its documented rules and remembers what a project would show. */
export async function startLangfuse(options: LangfuseServerOptions = {}): Promise<LangfuseServer> {
  const fake = new Fake(options);
  const server = createServer((request, response) => void fake.serve(request, response));
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${options.base ?? ''}`,
    requests: fake.requests,
    complaints: fake.complaints,
    rows: fake.rows,
    scores: fake.scores,
    traces: () => fake.traces(),
    force: (path, ...answers) => fake.forced.push(...answers.map((answer) => ({ path, answer }))),
    close: () => {
      server.closeAllConnections();
      return new Promise((done) => server.close(() => done()));
    },
  };
}

class Fake {
  readonly requests: string[] = [];
  readonly complaints: string[] = [];
  readonly rows: Observation[] = [];
  readonly scores = new Map<string, Body>();
  readonly forced: { path: string; answer: Forced }[] = [];
  readonly #options: LangfuseServerOptions;

  constructor(options: LangfuseServerOptions) {
    this.#options = options;
  }

  async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const wire = Buffer.concat(chunks);
    const body = request.headers['content-encoding'] === 'gzip' ? gunzipSync(wire) : wire;
    const answer = this.#answer(request, body);
    this.requests.push(`${request.method} ${request.url} ${answer.status}`);
    response.writeHead(answer.status, { 'content-type': 'application/json', ...answer.headers });
    response.end(answer.body === undefined ? '' : JSON.stringify(answer.body));
  }

  #answer(request: IncomingMessage, body: Buffer): Forced {
    const path = request.url ?? '';
    const base = this.#options.base ?? '';
    const keys = Buffer.from(`${PUBLIC_KEY}:${SECRET_KEY}`).toString('base64');
    if (request.headers.authorization !== `Basic ${keys}`)
      return { status: 401, body: { message: 'Invalid credentials' } };
    const at = this.forced.findIndex((each) => path.endsWith(each.path));
    if (at >= 0) return this.forced.splice(at, 1)[0]!.answer;
    if (path === `${base}/api/public/otel/v1/traces`) return this.#traces(request, body);
    if (path === `${base}/api/public/scores`) return this.#scores(body);
    this.complaints.push(`${request.method} ${path} must not be called`);
    return { status: 404, body: { message: 'not found' } };
  }

  #traces(request: IncomingMessage, body: Buffer): Forced {
    const { headers } = request;
    if (headers['x-langfuse-sdk-name'] !== undefined)
      this.complaints.push('calls itself a Langfuse SDK');
    const version = Number(headers['x-langfuse-ingestion-version']);
    if (headers['x-langfuse-ingestion-version'] === undefined)
      this.complaints.push('no ingestion version: it would take the slow path');
    else if (!(version <= 4)) return { status: 400, body: { message: 'ingestion version' } };
    let message: Body;
    try {
      message = decodeRequest(body, headers['content-type'] ?? '', 'traces');
    } catch {
      return { status: 400, body: { message: 'not OTLP' } };
    }
    const spans = spansOf(message);
    if (
      spans.some(
        ({ traceId, spanId }) => !/^[0-9a-f]{32}$/.test(traceId) || !/^[0-9a-f]{16}$/.test(spanId),
      )
    )
      return { status: 400, body: { message: 'an id is missing' } };
    for (const span of spans) {
      if (/langfuse/i.test(span.scope.name)) this.complaints.push('scope of a Langfuse SDK');
      const row = observationOf(span);
      const complaint = complainAboutUsage(row.usage);
      if (complaint !== undefined) this.complaints.push(`${row.name}: ${complaint}`);
      this.rows.push(row);
    }
    return { status: 200, body: {} };
  }

  #scores(body: Buffer): Forced {
    const given = JSON.parse(body.toString('utf8')) as Body | Body[];
    if (Array.isArray(given) && this.#options.arrays === false)
      return { status: 400, body: { message: 'Invalid request data' } };
    const errors: Body[] = [];
    const all = Array.isArray(given) ? given : [given];
    for (const score of all) {
      const message = complainAboutScore(score);
      if (message === undefined) this.scores.set(String(score.id), score);
      else errors.push({ id: score.id, status: 400, message });
    }
    if (errors.length === 0)
      return { status: Array.isArray(given) ? 202 : 200, body: { id: all[0]?.id } };
    if (!Array.isArray(given)) return { status: 400, body: { message: errors[0]?.message } };
    return {
      status: 207,
      body: { accepted: all.length - errors.length, rejected: errors.length, errors },
    };
  }

  traces(): ShownTrace[] {
    const ids = [...new Set(this.rows.map(({ traceId }) => traceId))];
    return ids.map((id) => {
      const observations = this.rows.filter(({ traceId }) => traceId === id);
      const root = observations.find(({ parentId }) => parentId === '');
      return {
        id,
        name: root?.traceName ?? root?.name,
        sessions: [...new Set(observations.map(({ sessionId }) => sessionId ?? ''))],
        root,
        observations,
        tokens: observations.reduce((sum, { usage }) => sum + (usage.total ?? 0), 0),
        cost: observations.reduce((sum, { cost }) => sum + (cost ?? 0), 0),
        scores: [...this.scores.values()].filter(({ traceId }) => traceId === id),
      };
    });
  }
}
