import type { Facts } from '../../session/event.ts';
import { countOf, integerOf, labelOf, objectOf, textOf } from '../json-values.ts';

/** Facts for a message's error; an abort was caused by a person and is not a failure. */
export function errorFacts(error: unknown): Facts {
  const object = objectOf(error);
  if (object === undefined) return {};
  const name = labelOf(object.name, 100) ?? labelOf(object.type, 100) ?? 'UnknownError';
  if (name === 'MessageAbortedError' || name === 'aborted') return { aborted: true };
  const data = objectOf(object.data) ?? object;
  return { error_type: name, http_status: integerOf(data.statusCode) ?? integerOf(data.status) };
}

export function errorText(error: unknown): string | undefined {
  const object = objectOf(error);
  return textOf(objectOf(object?.data)?.message) ?? textOf(object?.message);
}

/** Outcome of the turn that a message with this ending closes; undefined while the turn continues. */
export function turnOutcome(finish: unknown, error: unknown): string | undefined {
  const facts = errorFacts(error);
  if (facts.aborted === true) return 'interrupted';
  if (facts.error_type !== undefined) return 'error';
  const reason = labelOf(finish, 60);
  return reason === undefined || reason === 'tool-calls' || reason === 'unknown'
    ? undefined
    : 'completed';
}

/** Facts for a recorded retry, `{attempt, error}`. */
export function retryFacts(retry: unknown): Facts {
  const object = objectOf(retry);
  if (object === undefined) return {};
  const error = objectOf(object.error);
  return {
    retry_count: countOf(object.attempt),
    retry_reason: labelOf(error?.name, 100) ?? labelOf(error?.type, 100),
  };
}
