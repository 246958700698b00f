import { createMetricsCollector } from '../metrics/behaviour.ts';
import type { SessionMetrics } from '../metrics/session-metrics.ts';
import { PRICE_TABLE } from '../processing/genai-prices.ts';
import type { SessionHead } from '../session/session.ts';
import { IDLE_MICROS } from '../session/totals.ts';
import type { Store } from '../store/open-store.ts';
import { createTraceReader } from '../store/read-trace.ts';
import { cachedMetrics, keepMetrics } from '../store/session-metrics.ts';
import type { RootSession } from '../store/sessions.ts';
import { withCallDigest } from './digested-call.ts';
import type { OptionValues } from './options.ts';
import { openTrace, type Treatment } from './recorded-trace.ts';
import { priceLookup, redactorFor } from './treatment.ts';

/** How one session behaved. `head` has been redacted. */
export interface Measured {
  readonly root: RootSession;
  readonly head: SessionHead;
  readonly metrics: SessionMetrics;
  /** Position of the newest fact that was counted. */
  readonly throughSeq: number;
}

/** To be raised when a definition in docs/metrics.md changes: what was kept before is then measured anew. */
const DEFINITIONS = 1;

/**
 * Measures sessions, each once as long as nothing is added to it. Always with silent failures marked and texts left
 * aside, so that every reader gets the same numbers.
 */
export async function createMeasurer(
  store: Store,
  options: OptionValues,
): Promise<(root: RootSession) => Measured> {
  const redactor = await redactorFor(store, options);
  const treatment: Treatment = {
    policy: 'none',
    redactor,
    silentFailures: 'mark',
    price: await priceLookup(),
  };
  const basis = `${DEFINITIONS} ${treatment.price === undefined ? 'no prices' : PRICE_TABLE} ${redactor.digest}`;
  const reader = createTraceReader(store);

  return (root) => {
    const trace = openTrace(store, reader, root, treatment);
    const { head, throughSeq } = trace;
    const kept = cachedMetrics(store, root.id, throughSeq, basis);
    if (kept !== undefined)
      return { root, head, throughSeq, metrics: JSON.parse(kept) as SessionMetrics };
    const collector = createMetricsCollector(head);
    const operations = trace.operations();
    let next = operations.next();
    while (next.done !== true) {
      collector.operation(withCallDigest(next.value, reader));
      next = operations.next();
    }
    const metrics = collector.finish(next.value);
    // A running session becomes quiet by the clock alone, so its metrics are not kept.
    const settled =
      metrics.state === 'closed' || Date.now() * 1000 - metrics.endMicros > IDLE_MICROS;
    if (settled) keepMetrics(store, root.id, throughSeq, basis, JSON.stringify(metrics));
    return { root, head, throughSeq, metrics };
  };
}
