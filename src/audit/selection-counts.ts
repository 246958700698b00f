import type { FingerprintSet } from './fingerprint-table.ts';
import type { LedgerState } from './ledger-state.ts';

/** How a package accounts for the sessions of the ledger. */
export interface SelectionCounts {
  readonly sessions_in_ledger: number;
  readonly included: number;
  readonly deleted: number;
  readonly excluded_count: number;
  readonly unexplained: number;
}

/**
 * Counts the sessions of the ledger; `unexplained` ones are neither included, excluded nor deleted.
 */
export function selectionCounts(
  ledger: LedgerState,
  included: FingerprintSet,
  excluded: ReadonlySet<string>,
): { counts: SelectionCounts; unexplained: string[] } {
  const unexplained: string[] = [];
  let deleted = 0;
  for (const [session, known] of ledger.sessions) {
    if (known.deleted) deleted += 1;
    else if (!included.hasText(session) && !excluded.has(session)) unexplained.push(session);
  }
  const counts = {
    sessions_in_ledger: ledger.sessions.size,
    included: included.size,
    deleted,
    excluded_count: excluded.size,
    unexplained: unexplained.length,
  };
  return { counts, unexplained };
}
