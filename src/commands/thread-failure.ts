import { AgentStraceError, type ErrorCode } from '../errors.ts';

/** What a thread says of why it cannot go on. */
export interface ToldFailure {
  /** Of an expected failure. */
  readonly code: string | undefined;
  readonly message: string;
}

/** The failure as it would be in this thread. */
export function toldFailure({ code, message }: ToldFailure): Error {
  return code === undefined ? new Error(message) : new AgentStraceError(code as ErrorCode, message);
}

/** What ended a thread, for the person where there is something to do about it. */
export function deathOfThread(error: Error): Error {
  if ((error as NodeJS.ErrnoException).code !== 'ERR_WORKER_OUT_OF_MEMORY') return error;
  return new AgentStraceError(
    'out_of_memory',
    'a second thread ran out of memory; --threads 1 does without it, and NODE_OPTIONS=--max-old-space-size=4096 gives more (MB)',
    { cause: error },
  );
}
