import type { ReadResult, RecordReader, WholeSource } from '../agents/agent.ts';
import { AgentStraceError } from '../errors.ts';
import type { JsonPiece } from './split-json.ts';

export const TOO_DEEP = 'a value is nested too deeply';

/** What an agent's reader returns for a record; undefined if a value in it is nested too deeply for the stack. */
export function readUnlessTooDeep(
  reader: RecordReader,
  { value, text }: JsonPiece,
  line: number,
): ReadResult | undefined {
  try {
    return ofReader(() => reader.read(value, text, line));
  } catch (error) {
    if (!isOverflow((error as Error).cause)) throw error;
    return undefined;
  }
}

/**
 * Runs a part of an agent's reader. A fault in it becomes `unreadable_input`, so that it costs one source and not the
 * run.
 */
export function ofReader<T>(run: () => T): T {
  try {
    return run();
  } catch (error) {
    const { code } = error as { code?: unknown };
    // Errors with codes come from files and databases; they are explained elsewhere.
    if (error instanceof AgentStraceError || typeof code === 'string') throw error;
    const why = isOverflow(error)
      ? TOO_DEEP
      : `its reader failed (${(error as Error).name}); please report it`;
    throw new AgentStraceError('unreadable_input', why, { cause: error });
  }
}

/** True also for a failure caused by such an overflow. */
export function isTooDeep(error: unknown): boolean {
  return isOverflow(error) || isOverflow((error as { cause?: unknown }).cause);
}

function isOverflow(error: unknown): boolean {
  return error instanceof RangeError && error.message.includes('call stack');
}

/** The same source, with each step of reading run by `guard`. */
export function guardedWhole(
  { results, state }: WholeSource,
  guard: <T>(run: () => T) => T,
): WholeSource {
  function* each(): Generator<ReadResult> {
    const rows = results[Symbol.iterator]();
    const next = () => guard(() => rows.next());
    try {
      for (let row = next(); row.done !== true; row = next()) yield row.value;
    } finally {
      // A query not read to its end must be finished before the database can be closed.
      rows.return?.();
    }
  }
  return { results: each(), state: () => guard(state) };
}
