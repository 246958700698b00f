import type { SessionTotals } from '../session/session.ts';
import type { Store } from '../store/open-store.ts';
import type { TraceReader } from '../store/read-trace.ts';
import { cachedTotals, lastSeqOf, type RootSession, saveTotals } from '../store/sessions.ts';
import { IDLE_MICROS } from '../session/totals.ts';
import { openTrace, type Treatment } from './recorded-trace.ts';

/** Totals of a session: from the cache while nothing has been added, else read once and kept. */
export function totalsOf(store: Store, reader: TraceReader, root: RootSession, treatment: Treatment): SessionTotals {
  const throughSeq = lastSeqOf(store, root.id);
  const cached = cachedTotals(store, root.id, throughSeq);
  // A running session becomes quiet by the clock alone, so its totals are not kept.
  if (cached !== undefined && cached.state !== 'running') return cached;
  const operations = openTrace(store, reader, root, treatment).operations();
  for (;;) {
    const next = operations.next();
    if (next.done !== true) continue;
    const totals = next.value;
    if (Date.now() * 1000 - totals.endMicros > IDLE_MICROS || totals.state === 'closed') saveTotals(store, root.id, throughSeq, totals);
    return totals;
  }
}
