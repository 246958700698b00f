import { AgentStraceError, type ErrorCode, messageOf } from '../../errors.ts';

/** What a thread says of why it cannot go on. */
export interface ToldFailure {
  /** Of an expected failure. */
  readonly code: string | undefined;
  readonly message: string;
  /** Where it happened, for one that was not expected. */
  readonly stack: string | undefined;
}

export function failureToTell(error: unknown): ToldFailure {
  const code = error instanceof AgentStraceError ? error.code : undefined;
  const stack = error instanceof Error ? error.stack : undefined;
  return { code, message: messageOf(error), stack };
}

/** The failure as it would be in this thread. */
export function toldFailure({ code, message, stack }: ToldFailure): Error {
  if (code !== undefined) return new AgentStraceError(code as ErrorCode, message);
  const error = new Error(message);
  if (stack !== undefined) error.stack = stack;
  return error;
}
