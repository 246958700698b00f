import type { TimeScale } from '../time-scale.ts';
import type { Row } from './row.ts';

/** LLM calls in order of time as columns of numbers; `position` is on the time scale. */
export interface CallSeries {
  readonly rows: readonly Row[];
  readonly position: number[];
  /** Tokens of `context` that did not come from the cache. */
  readonly fresh: (number | null)[];
  readonly context: (number | null)[];
  readonly totalInput: number[];
  readonly totalOutput: number[];
  readonly totalCost: number[];
  /** True if any call recorded them; otherwise a sum of 0 would be misleading. */
  readonly inputKnown: boolean;
  readonly outputKnown: boolean;
  readonly costKnown: boolean;
  /** True if some of the cost was estimated. */
  readonly costEstimated: boolean;
}

/** The input of each call, and running totals. A call without figures leaves a gap instead of a zero. */
export function callSeries(rows: readonly Row[], scale: TimeScale): CallSeries {
  const calls = rows
    .filter((row) => row.kind === 'llm_call')
    .sort((a, b) => a.endMicros - b.endMicros);
  let input = 0;
  let output = 0;
  let cost = 0;
  const series: CallSeries = {
    rows: calls,
    position: calls.map((row) => scale.position(row.endMicros)),
    fresh: calls.map(({ source }) =>
      source.input === undefined || source.cached === undefined
        ? null
        : source.input - source.cached,
    ),
    context: calls.map((row) => row.source.input ?? null),
    totalInput: [],
    totalOutput: [],
    totalCost: [],
    inputKnown: calls.some((row) => row.source.input !== undefined),
    outputKnown: calls.some((row) => row.source.output !== undefined),
    costKnown: calls.some((row) => row.source.cost !== undefined),
    costEstimated: calls.some((row) => row.source.estimated),
  };
  for (const { source } of calls) {
    input += source.input ?? 0;
    output += source.output ?? 0;
    cost += source.cost ?? 0;
    series.totalInput.push(input);
    series.totalOutput.push(output);
    series.totalCost.push(cost);
  }
  return series;
}
