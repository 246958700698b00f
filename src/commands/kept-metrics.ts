import type { SessionMetrics } from '../metrics/session-metrics.ts';
import { PRICE_TABLE } from '../processing/genai-prices.ts';
import type { Store } from '../store/open-store.ts';
import { cachedMetrics } from '../store/session-metrics.ts';
import { lastSeqOf, type RootSession } from '../store/sessions.ts';

/** To be raised when a definition in docs/metrics.md changes: cached metrics are then computed again. */
const DEFINITIONS = 2;

/** What metrics depend on: definitions, prices and the digest of the redaction rules. */
export function metricsBasis(redaction: string): string {
  return `${DEFINITIONS} ${PRICE_TABLE} ${redaction}`;
}

/** Cached metrics, if they are still valid; reading them loads none of the code that computes them. */
export function keptMetrics(
  store: Store,
  root: RootSession,
  basis: string,
): SessionMetrics | undefined {
  const kept = cachedMetrics(store, root.id, lastSeqOf(store, root.id), basis);
  try {
    return kept === undefined ? undefined : (JSON.parse(kept) as SessionMetrics);
  } catch {
    // Damaged: compute them again.
    return undefined;
  }
}
