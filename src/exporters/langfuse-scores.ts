import { setTimeout as sleep } from 'node:timers/promises';

/** The body Langfuse takes for one score. `id` must be the same whenever the score is sent again. */
export interface LangfuseScore {
  readonly id: string;
  readonly traceId: string;
  readonly observationId?: string | undefined;
  readonly name: string;
  /** A number for NUMERIC and BOOLEAN (0 or 1), text for the others. */
  readonly value: number | string;
  readonly dataType: 'NUMERIC' | 'BOOLEAN' | 'CATEGORICAL' | 'TEXT';
  readonly comment?: string | undefined;
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  readonly environment?: string | undefined;
}

export interface LangfuseScoreOptions {
  /** `https://cloud.langfuse.com` or one's own; a path is kept in front of `/api/public/scores`. */
  readonly host: string;
  readonly publicKey: string;
  readonly secretKey: string;
  /** Time for everything, waits included; 5 minutes. */
  readonly deadlineMillis?: number | undefined;
  /** Time for one request; 30 seconds. */
  readonly requestMillis?: number | undefined;
  /** Most scores in one request; 100. */
  readonly maxBatch?: number | undefined;
  /** First wait after a failure that names none; doubles each time, with jitter. 500 ms. */
  readonly backoffMillis?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What became of every score; each id is in exactly one of the lists. */
export interface LangfuseScoreReport {
  readonly accepted: readonly string[];
  readonly rejected: readonly { readonly id: string; readonly message: string }[];
  /** Not answered for; to be sent again later. */
  readonly unsent: readonly string[];
  /** Why scores are unsent; free of keys. */
  readonly reason?: string | undefined;
  /** The host or the keys are at fault: sending again changes nothing. */
  readonly blocked: boolean;
}

/** A score of our own model, by shape. */
export interface ScoreLike {
  readonly id: string;
  readonly operationId?: string | undefined;
  readonly name: string;
  readonly dataType: 'numeric' | 'boolean' | 'categorical' | 'text';
  readonly value?: number | undefined;
  readonly label?: string | undefined;
  readonly comment?: string | undefined;
  readonly source: string;
}

const MAX_BYTES = 512 * 1024;
const MAX_BACKOFF_MILLIS = 30_000;
const MAX_ATTEMPTS = 8;
const MAX_ANSWER_BYTES = 1024 * 1024;
const MAX_MESSAGE = 300;
const TYPES = {
  numeric: 'NUMERIC',
  boolean: 'BOOLEAN',
  categorical: 'CATEGORICAL',
  text: 'TEXT',
} as const;

/** The Langfuse form of a score. `traceId` is the id the session's trace was, or will be, sent with. */
export function toLangfuseScore(
  score: ScoreLike,
  traceId: string,
  environment?: string,
): LangfuseScore {
  const wordy = score.dataType === 'categorical' || score.dataType === 'text';
  return {
    id: score.id,
    traceId,
    observationId: score.operationId,
    name: score.name,
    value: wordy ? (score.label ?? '') : (score.value ?? 0),
    dataType: TYPES[score.dataType],
    comment: score.comment,
    metadata: { source: score.source },
    environment,
  };
}

interface Batch {
  readonly scores: readonly LangfuseScore[];
  readonly attempts: number;
}

interface Run {
  readonly options: LangfuseScoreOptions;
  readonly url: string;
  readonly endsAt: number;
  readonly queue: Batch[];
  readonly accepted: string[];
  readonly rejected: { id: string; message: string }[];
  readonly unsent: string[];
  /** Do requests hold arrays? Unknown until the first answer; older servers take single scores only. */
  arrays: 'unknown' | 'yes' | 'no';
  reason: string | undefined;
  blocked: boolean;
}

interface Answer {
  /** 0 when no answer came. */
  readonly status: number;
  readonly body: unknown;
  readonly afterMillis: number | undefined;
  readonly reason: string;
}

/**
 * Posts scores to `POST /api/public/scores`: as arrays, one by one where the server does not take
 * them. A 207 is read item by item; where it does not say which items failed, the halves are sent
 * again, which deterministic ids make harmless. Obeys `Retry-After`. Never throws for what a server answers.
 */
export async function sendLangfuseScores(
  scores: Iterable<LangfuseScore>,
  options: LangfuseScoreOptions,
): Promise<LangfuseScoreReport> {
  const run: Run = {
    options,
    url: `${options.host.replace(/\/+$/, '')}/api/public/scores`,
    endsAt: Date.now() + (options.deadlineMillis ?? 300_000),
    queue: [...batchesOf(scores, options.maxBatch ?? 100)],
    accepted: [],
    rejected: [],
    unsent: [],
    arrays: 'unknown',
    reason: undefined,
    blocked: false,
  };
  while (run.queue.length > 0) {
    const batch = run.queue.shift() as Batch;
    if (run.reason !== undefined) giveUp(run, batch, run.reason);
    else if (run.arrays === 'no' && batch.scores.length > 1) pushFront(run, singles(batch));
    else await step(run, batch);
  }
  const { accepted, rejected, unsent, reason, blocked } = run;
  return { accepted, rejected, unsent, reason, blocked };
}

async function step(run: Run, batch: Batch): Promise<void> {
  const answer = await post(run, batch);
  const { status } = answer;
  const many = batch.scores.length > 1;
  if (status === 207) return settleItems(run, batch, answer.body);
  if (status >= 200 && status < 300) {
    if (many) run.arrays = 'yes';
    for (const score of batch.scores) run.accepted.push(score.id);
    return;
  }
  if (status === 0 || status === 429 || status >= 500) return retryLater(run, batch, answer);
  if (status === 400 || status === 413 || status === 422) {
    if (!many) return reject(run, batch.scores, answer.reason);
    if (status !== 413 && run.arrays === 'unknown') run.arrays = 'no';
    return pushFront(run, run.arrays === 'no' ? singles(batch) : halves(batch));
  }
  run.blocked = true;
  giveUp(run, batch, answer.reason);
}

async function retryLater(run: Run, batch: Batch, answer: Answer): Promise<void> {
  const base = Math.min(
    (run.options.backoffMillis ?? 500) * 2 ** batch.attempts,
    MAX_BACKOFF_MILLIS,
  );
  const wait = answer.afterMillis ?? base * (0.5 + Math.random() / 2);
  // A server that names its wait is being polite, not failing: only the deadline ends that.
  const attempts = answer.afterMillis === undefined ? batch.attempts + 1 : batch.attempts;
  if (attempts >= MAX_ATTEMPTS || Date.now() + wait > run.endsAt || run.options.signal?.aborted) {
    return giveUp(run, batch, answer.reason);
  }
  try {
    await sleep(wait, undefined, { signal: run.options.signal });
  } catch {
    return giveUp(run, batch, 'stopped');
  }
  pushFront(run, [{ scores: batch.scores, attempts }]);
}

/** Reads a 207: `{accepted, rejected, errors}` with or without the ids or positions of the failed. */
function settleItems(run: Run, batch: Batch, body: unknown): void {
  const { scores } = batch;
  const stated = asRecord(body);
  const errors = Array.isArray(stated['errors']) ? stated['errors'].map(asRecord) : [];
  const rejected = typeof stated['rejected'] === 'number' ? stated['rejected'] : errors.length;
  if (scores.length > 1) run.arrays = 'yes';

  const failed = new Map<string, string>();
  for (const [position, error] of errors.entries()) {
    const id =
      failedId(error, scores) ?? (rejected === scores.length ? scores[position]?.id : undefined);
    if (id !== undefined) failed.set(id, messageIn(error) ?? 'refused');
  }
  if (rejected >= scores.length || failed.size === rejected) {
    const fallback = messageIn(errors[0] ?? {}) ?? 'refused';
    for (const { id } of scores) {
      const message = failed.get(id) ?? (rejected >= scores.length ? fallback : undefined);
      if (message === undefined) run.accepted.push(id);
      else run.rejected.push({ id, message });
    }
    return;
  }
  pushFront(run, halves(batch));
}

function failedId(
  error: Record<string, unknown>,
  scores: readonly LangfuseScore[],
): string | undefined {
  const { id, index } = error;
  if (typeof id === 'string' && scores.some((score) => score.id === id)) return id;
  return typeof index === 'number' ? scores[index]?.id : undefined;
}

async function post(run: Run, batch: Batch): Promise<Answer> {
  const { options } = run;
  const keys = Buffer.from(`${options.publicKey}:${options.secretKey}`).toString('base64');
  const left = Math.max(1, Math.min(options.requestMillis ?? 30_000, run.endsAt - Date.now()));
  const timeout = AbortSignal.timeout(left);
  const single = batch.scores.length === 1;
  try {
    const response = await fetch(run.url, {
      method: 'POST',
      headers: { authorization: `Basic ${keys}`, 'content-type': 'application/json' },
      body: JSON.stringify(single ? batch.scores[0] : batch.scores),
      redirect: 'manual',
      signal: options.signal === undefined ? timeout : AbortSignal.any([options.signal, timeout]),
    });
    const body = parsed(await readBounded(response));
    const message = messageIn(asRecord(body));
    const reason = `HTTP ${response.status}${message === undefined ? '' : `: ${message}`}`;
    const afterMillis = retryAfter(response.headers.get('retry-after'));
    return { status: response.status, body, afterMillis, reason };
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    const message = cause instanceof Error ? cause.message : 'no answer';
    return {
      status: 0,
      body: undefined,
      afterMillis: undefined,
      reason: message.slice(0, MAX_MESSAGE),
    };
  }
}

async function readBounded(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength;
    if (size > MAX_ANSWER_BYTES) break;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** Seconds or an HTTP date, as milliseconds from now. */
function retryAfter(header: string | null): number | undefined {
  if (header === null) return undefined;
  if (/^\d{1,9}$/.test(header.trim())) return Number(header) * 1000;
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, date - Date.now());
}

function* batchesOf(scores: Iterable<LangfuseScore>, maxBatch: number): Generator<Batch> {
  let batch: LangfuseScore[] = [];
  let bytes = 0;
  for (const score of scores) {
    const size = Buffer.byteLength(JSON.stringify(score)) + 1;
    if (batch.length > 0 && (batch.length >= maxBatch || bytes + size > MAX_BYTES)) {
      yield { scores: batch, attempts: 0 };
      batch = [];
      bytes = 0;
    }
    batch.push(score);
    bytes += size;
  }
  if (batch.length > 0) yield { scores: batch, attempts: 0 };
}

function singles(batch: Batch): Batch[] {
  return batch.scores.map((score) => ({ scores: [score], attempts: 0 }));
}

function halves(batch: Batch): Batch[] {
  const middle = Math.ceil(batch.scores.length / 2);
  return [batch.scores.slice(0, middle), batch.scores.slice(middle)].map((scores) => ({
    scores,
    attempts: 0,
  }));
}

function pushFront(run: Run, batches: readonly Batch[]): void {
  run.queue.unshift(...batches);
}

function reject(run: Run, scores: readonly LangfuseScore[], message: string): void {
  for (const { id } of scores) run.rejected.push({ id, message });
}

function giveUp(run: Run, batch: Batch, reason: string): void {
  run.reason = reason;
  for (const { id } of batch.scores) run.unsent.push(id);
}

function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function messageIn(body: Record<string, unknown>): string | undefined {
  const message = body['message'] ?? body['error'];
  return typeof message === 'string' ? message.slice(0, MAX_MESSAGE) : undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
