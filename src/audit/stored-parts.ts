import { AgentStraceError, messageOf } from '../errors.ts';
import type { StrictValue } from '../integrity/strict-json.ts';
import type { LedgerState } from './ledger-state.ts';

/** Calls `read`. @throws AgentStraceError that says which part of the store is damaged. */
export function stored<Value>(read: () => Value, what: string): Value {
  try {
    return read();
  } catch (error) {
    throw damaged(what, messageOf(error), error);
  }
}

/**
 * Adds a leaf from the store, whose text must be the one that was hashed. @throws AgentStraceError
 */
export function acceptStored(ledger: LedgerState, text: string): void {
  const what = `Leaf ${ledger.size + 1} of the ledger`;
  const accepted = stored(() => ledger.accept(JSON.parse(text) as StrictValue), what);
  if (accepted.text !== text) throw damaged(what, 'its text is not what was written');
}

/** A recorded text of a session; SQLite columns can also hold bytes. @throws AgentStraceError */
export function storedText(text: unknown, session: string): string {
  if (typeof text === 'string') return text;
  throw damaged(`A text of session ${session}`, 'it is not text');
}

function damaged(what: string, why: string, cause?: unknown): AgentStraceError {
  return new AgentStraceError('not_checkable', `${what} is damaged in the store: ${why}`, {
    cause,
  });
}
