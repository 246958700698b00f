import type { Deliverable, TraceItems } from '../../delivery/deliver-items.ts';
import { type GaugeOptions, type GaugePoint, gaugePoints } from '../../metrics/gauges.ts';
import type { Redactor } from '../../processing/redaction/redactor.ts';
import { annotationsOf } from '../../store/annotations.ts';
import type { Store } from '../../store/open-store.ts';
import type { Measured } from '../metrics-measure.ts';
import { redactScore } from '../scores/score-text.ts';

/** Where the sessions with data points come from. */
export interface GaugeSource {
  readonly store: Store;
  readonly redactor: Redactor;
  /** Number of selected sessions. */
  readonly selected: number;
  /** Each session, measured when its turn comes. */
  sessions(): Iterable<Measured>;
}

/** The data points of each session, including those of its scores, with the keys by which delivery remembers them. */
export function* gaugeItems(
  source: GaugeSource,
  options: GaugeOptions,
): Generator<TraceItems<GaugePoint>> {
  for (const { root, head, metrics, throughSeq } of source.sessions()) {
    // Only scores with a value give a point each, in order and after those of the metrics.
    const scores = annotationsOf(source.store, root.id).filter(({ value }) => value !== undefined);
    const redacted = scores.map((score) => redactScore(score, source.redactor));
    const points = gaugePoints(metrics, head(), { ...options, scores: redacted });
    const firstScore = points.length - scores.length;
    const items: Deliverable<GaugePoint>[] = points.map((item, index) => {
      const score = scores[index - firstScore];
      return score === undefined
        ? { key: item.name, version: String(throughSeq), item }
        : { key: `score/${score.id}`, version: String(score.atMicros), item };
    });
    yield { root: root.id, throughSeq, items };
  }
}
