import type { SessionMetrics } from '../metrics/session-metrics.ts';
import { PRICE_TABLE } from '../processing/genai-prices.ts';
import type { Store } from '../store/open-store.ts';
import { cachedMetrics } from '../store/session-metrics.ts';
import { lastSeqOf, type RootSession } from '../store/sessions.ts';

/** To be raised when a definition in docs/metrics.md changes: what was kept before is then measured anew. */
const DEFINITIONS = 1;

/** What metrics were measured with: definitions, prices and the digest of the rules of redaction. */
export function metricsBasis(redaction: string): string {
  return `${DEFINITIONS} ${PRICE_TABLE} ${redaction}`;
}

/** Metrics that were measured before, where they still hold: looking at them loads nothing of what measures. */
export function keptMetrics(
  store: Store,
  root: RootSession,
  basis: string,
): SessionMetrics | undefined {
  const kept = cachedMetrics(store, root.id, lastSeqOf(store, root.id), basis);
  try {
    return kept === undefined ? undefined : (JSON.parse(kept) as SessionMetrics);
  } catch {
    // Damaged: they are measured anew.
    return undefined;
  }
}
