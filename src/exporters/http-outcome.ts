import { readExportResponse, statesError } from './export-response.ts';
import type { HttpAnswer } from './http-exchange.ts';
import type { Outcome } from './outcome.ts';
import { retryAfterMillis } from './retry-after.ts';
import { isHtml, safeSentence, serverMessage } from './server-message.ts';

/** Statuses for which the OTLP specification allows a retry. */
const RETRYABLE = new Set([429, 502, 503, 504]);
/** Statuses that no other payload would change: the destination or the way to it is wrong. */
const BLOCKING = new Set([
  401, 402, 403, 404, 405, 406, 407, 410, 411, 415, 421, 426, 501, 505, 511,
]);

const ADVICE: { readonly [status: number]: string } = {
  401: 'the credentials are missing or wrong',
  403: 'the credentials do not allow this',
  404: 'there is no OTLP endpoint at this path',
  405: 'this path does not take OTLP of this signal',
  407: 'the proxy asks for credentials',
  415: 'it does not take this encoding; try the other protocol',
  511: 'the network wants a login first',
};

const OTHER_PROTOCOL = 'the port asks for another protocol than HTTP';

/**
 * What an answer means for the payload (adr/0006). 500 is final in the OTLP specification and counts as
 * "refused", because servers answer so to one bad span: bisecting finds it, or finds that all are refused. None of
 * `secrets` is shown, whatever the server repeats.
 */
export function outcomeOf(
  answer: HttpAnswer,
  secrets: readonly string[],
  nowMillis: number,
): Outcome {
  const { status } = answer;
  const said = serverMessage(answer.body, answer.contentType, secrets);
  if (answer.fromProxy) return withoutTunnel(answer, said, nowMillis);
  if (status < 200) return { type: 'blocked', status, reason: `HTTP ${status}: ${OTHER_PROTOCOL}` };
  if (status >= 200 && status < 300) return success(answer, secrets);
  if (status >= 300 && status < 400) return redirected(answer);
  if (RETRYABLE.has(status)) {
    const afterMillis = retryAfterMillis(answer.retryAfter, nowMillis);
    return { type: 'retryable', afterMillis, reason: sentence(`HTTP ${status}`, said) };
  }
  if (BLOCKING.has(status)) {
    const advice = ADVICE[status];
    return {
      type: 'blocked',
      status,
      reason: sentence(`HTTP ${status}${advice ? `: ${advice}` : ''}`, said),
    };
  }
  return { type: 'refused', status, message: said };
}

/** What a proxy answers to the question for a tunnel says nothing about the payload, which did not leave. */
function withoutTunnel(answer: HttpAnswer, said: string | undefined, nowMillis: number): Outcome {
  const { status } = answer;
  const advice = status === 407 ? `: ${ADVICE[407]}` : '';
  const reason = sentence(`no tunnel, HTTP ${status}${advice}`, said);
  if (!RETRYABLE.has(status)) return { type: 'blocked', status, reason };
  return { type: 'retryable', afterMillis: retryAfterMillis(answer.retryAfter, nowMillis), reason };
}

function sentence(what: string, said: string | undefined): string {
  return said === undefined ? what : `${what} (the server says: ${said})`;
}

function success(answer: HttpAnswer, secrets: readonly string[]): Outcome {
  const { status, body, contentType } = answer;
  // Some frameworks call an empty answer a page.
  const page = body.length > 0 && isHtml(body, contentType);
  if (!page && statesError(body)) {
    const said = serverMessage(body, contentType, secrets);
    const reason = sentence(`HTTP ${status}, but the answer is an error`, said);
    return { type: 'blocked', status, reason };
  }
  const response = page || answer.truncated ? undefined : readExportResponse(body, contentType);
  if (response !== undefined) {
    const message =
      response.message === undefined
        ? undefined
        : serverMessage(Buffer.from(response.message), 'text/plain', secrets);
    return { type: 'accepted', rejected: response.rejected, message };
  }
  // Intakes that queue answer 202 with words of their own; only 200 promises an OTLP message.
  if (status !== 200 && !page) return { type: 'accepted', rejected: 0 };
  const said = page ? serverMessage(body, contentType, secrets) : undefined;
  return {
    type: 'blocked',
    status,
    reason: sentence(
      `HTTP ${status}, but the answer is not OTLP: no OTLP endpoint, perhaps a login page`,
      said,
    ),
  };
}

function redirected(answer: HttpAnswer): Outcome {
  const target = answer.location === undefined ? undefined : withoutQuery(answer.location);
  const where = target === undefined ? '' : ` to ${target}`;
  return {
    type: 'blocked',
    status: answer.status,
    reason: `HTTP ${answer.status}: the endpoint redirects${where}; redirects are not followed, so that credentials stay here. Give the final URL`,
  };
}

function withoutQuery(location: string): string {
  return safeSentence(location.replace(/[?#].*$/s, '').replace(/\/\/[^/@]*@/, '//'));
}
