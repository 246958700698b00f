import type { SourceReport } from '../ingest/report.ts';
import type { Store } from '../store/open-store.ts';
import { printable } from '../view/terminal-text.ts';
import { counted } from './output/counted.ts';

const MOST_NAMED = 3;

/**
 * A notice about sessions of this import that began under other redaction rules than the current ones with the digest
 * `redaction`: a stored fact never changes, and the start of a chain names one set of rules. Undefined if there are
 * none.
 */
export function otherRules(
  store: Store,
  reports: readonly SourceReport[],
  redaction: string | undefined,
): string | undefined {
  const isBegunOtherwise = store.database
    .prepare<[string, string], number>(
      `SELECT 1 FROM sessions root JOIN sessions s ON s.root = root.id
       WHERE root.session_id = ? AND s.genesis <> '' AND json_extract(s.genesis, '$.redaction') <> ? LIMIT 1`,
    )
    .pluck();
  const found = new Set<string>();
  for (const { sessions, eventsAdded, eventsKnown } of reports) {
    // Without --redact, facts that are already stored raw are as requested.
    const concerned = redaction === undefined ? eventsAdded : eventsAdded + eventsKnown;
    if (concerned === 0) continue;
    for (const session of sessions)
      if (isBegunOtherwise.get(session, redaction ?? 'none') !== undefined) found.add(session);
  }
  if (found.size === 0) return undefined;
  const names = [...found].slice(0, MOST_NAMED).map(printable).join(', ');
  const which = `${counted(found.size, 'session')} (${names}${found.size > MOST_NAMED ? ', …' : ''})`;
  return redaction === undefined
    ? `${which} began with "import --redact", and what was added now is stored raw`
    : `${which} began without these redaction rules: what was stored before was not changed; "prune --content" erases such texts`;
}
