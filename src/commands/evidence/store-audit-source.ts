import type { AuditEvent, AuditSession, AuditSource } from '../../audit/audit-source.ts';
import { storedText } from '../../audit/stored-parts.ts';
import { leafText } from '../../integrity/ledger-leaf.ts';
import {
  type AuditRows,
  auditRows,
  type ChainedEventRow,
  type ChainedSession,
} from '../../store/audit-rows.ts';
import { duePoint } from '../../store/leaves.ts';
import type { Store } from '../../store/open-store.ts';
import { SEALED } from '../../store/sealed-facts.ts';

/** Which traces go into a package, and why the others do not. */
export interface TraceChoice {
  /** Row numbers of root sessions. */
  readonly roots: ReadonlySet<number>;
  readonly reason: (session: ChainedSession) => string;
}

/**
 * The store as the source of a package. With `asItIs`, sessions count with all their events, including those that the
 * ledger has no point for yet; otherwise the ledger must have been brought up to date.
 */
export function storeAuditSource(
  store: Store,
  choice: TraceChoice | undefined,
  asItIs: boolean,
): AuditSource {
  const rows = auditRows(store);
  const roots = rootsOf(rows, choice);
  /**
   * The sessions of a trace stay together, the root first. Read again each time, because holding all rows takes too
   * much memory.
   */
  function* chosen(): Generator<ChainedSession> {
    for (const root of roots) yield* rows.trace(root);
  }
  return {
    origin: `agent-strace/${store.storeId}`,
    *leaves() {
      yield* rows.leaves();
      if (!asItIs) return;
      for (const session of chosen()) {
        const point = duePoint(session, 'now');
        if (point !== undefined) yield leafText(point);
      }
    },
    *sessions() {
      for (const session of chosen()) yield auditSession(rows, session);
    },
    *excluded() {
      if (choice === undefined) return;
      for (const session of rows.sessions()) {
        if (!choice.roots.has(session.root))
          yield { session: session.session_id, reason: choice.reason(session) };
      }
    },
  };
}

/** Row numbers of the chosen traces, oldest first. */
function rootsOf(rows: AuditRows, choice: TraceChoice | undefined): number[] {
  const roots = new Set<number>();
  for (const { root } of rows.sessions())
    if (choice === undefined || choice.roots.has(root)) roots.add(root);
  return [...roots].sort((a, b) => a - b);
}

function auditSession(rows: AuditRows, session: ChainedSession): AuditSession {
  return {
    session: session.session_id,
    genesis: session.genesis,
    *events(count) {
      for (const row of rows.events(session.id, count))
        yield auditEvent(rows, row, session.session_id);
    },
  };
}

function auditEvent(rows: AuditRows, row: ChainedEventRow, session: string): AuditEvent {
  return {
    header: row.header,
    hash: row.hash,
    disclose(name) {
      const found =
        name === SEALED ? { text: row.sealed, salt: row.sealed_salt } : rows.content(row.seq, name);
      if (found === undefined || found.text === null || found.salt === null) return undefined;
      return { text: storedText(found.text, session), salt: found.salt };
    },
  };
}
