import { createHash } from 'node:crypto';
import { createMetricsCollector } from '../metrics/behaviour.ts';
import type { SessionMetrics } from '../metrics/session-metrics.ts';
import { PRICE_TABLE } from '../processing/genai-prices.ts';
import type { Operation } from '../session/operation.ts';
import type { SessionHead } from '../session/session.ts';
import { IDLE_MICROS } from '../session/totals.ts';
import type { Store } from '../store/open-store.ts';
import { createTraceReader, type TraceReader } from '../store/read-trace.ts';
import { cachedMetrics, keepMetrics } from '../store/session-metrics.ts';
import type { RootSession } from '../store/sessions.ts';
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

/** Enough of an input to tell two calls apart; the whole size counts as well. */
const MAX_INPUT_CHARACTERS = 1_000_000;

/** Equal calls get equal digests, by which a repeated call is known; the digest stays here. */
function withCallDigest(operation: Operation, reader: TraceReader): Operation {
  if (operation.kind !== 'tool_call' || operation.callDigest !== undefined) return operation;
  const input = operation.contents.find(({ name }) => name === 'input');
  if (input?.seq === undefined) return operation;
  const text = reader.content(input.seq, 'input', MAX_INPUT_CHARACTERS);
  if (text === undefined) return operation;
  const callDigest = createHash('sha256')
    .update(`${operation.name}\n${input.size}\n${text}`)
    .digest('hex');
  return { ...operation, callDigest };
}
