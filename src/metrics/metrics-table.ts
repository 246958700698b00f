import type { SessionMetrics } from './session-metrics.ts';

/** One behavioural metric; baseline, gauges and docs/metrics.md derive from these rows. */
export interface Metric {
  /** Name on the command line, in saved baselines and after `agent_strace.session.`. */
  readonly key: string;
  /** Full name as an OpenTelemetry instrument. */
  readonly name: string;
  /** UCUM unit. */
  readonly unit: string;
  readonly title: string;
  readonly description: string;
  /** `up`: higher is worse. `both`: neither higher nor lower is worse in itself. */
  readonly direction: 'up' | 'both';
  /** Smallest spread that a baseline assumes, in the metric's unit: makes it possible to judge a constant metric. */
  readonly floor: number;
  /** True for the six metrics that `baseline check` judges by default. */
  readonly baselineDefault: boolean;
  /** Sent by `export --metrics`. */
  readonly gauge: boolean;
  of(metrics: SessionMetrics): number | undefined;
}

type Row = Omit<Metric, 'name' | 'baselineDefault' | 'gauge'> & { readonly core?: boolean };

const ROWS: readonly Row[] = [
  {
    key: 'cost_usd',
    unit: '{USD}',
    title: 'Cost',
    description:
      'Cost of the session in US dollars: recorded, else estimated from tokens and a price table.',
    direction: 'up',
    floor: 0.001,
    core: true,
    of: (m) => m.costUsd,
  },
  {
    key: 'duration_s',
    unit: 's',
    title: 'Duration',
    description: 'Wall-clock time from the first to the last event of the session.',
    direction: 'up',
    floor: 0.1,
    core: true,
    of: (m) => m.durationS,
  },
  {
    key: 'tool_calls',
    unit: '{call}',
    title: 'Tool calls',
    description: 'Tool calls that ran.',
    direction: 'up',
    floor: 0.25,
    core: true,
    of: (m) => m.toolCalls,
  },
  {
    key: 'error_rate',
    unit: '1',
    title: 'Error rate',
    description: 'Tool calls that ended in an error, per tool call.',
    direction: 'up',
    floor: 0.001,
    core: true,
    of: (m) => m.errorRate,
  },
  {
    key: 'retry_rate',
    unit: '1',
    title: 'Retry rate',
    description: 'Consecutive retries of the same tool, per tool call.',
    direction: 'up',
    floor: 0.001,
    core: true,
    of: (m) => m.retryRate,
  },
  {
    key: 'blast_radius',
    unit: '{file}',
    title: 'Blast radius',
    description: 'Distinct files written, moved or deleted.',
    direction: 'up',
    floor: 0.25,
    core: true,
    of: (m) => m.blastRadius,
  },
  {
    key: 'active_s',
    unit: 's',
    title: 'Active time',
    description: 'Time in which at least one LLM call, tool call or retrieval was under way.',
    direction: 'up',
    floor: 0.1,
    of: (m) => m.activeS,
  },
  {
    key: 'llm_calls',
    unit: '{call}',
    title: 'LLM calls',
    description: 'Calls of a language model.',
    direction: 'up',
    floor: 0.25,
    of: (m) => m.llmCalls,
  },
  {
    key: 'input_tokens',
    unit: '{token}',
    title: 'Input tokens',
    description: 'Tokens given to the model, cached ones included.',
    direction: 'up',
    floor: 1,
    of: (m) => m.tokensIn,
  },
  {
    key: 'output_tokens',
    unit: '{token}',
    title: 'Output tokens',
    description: 'Tokens written by the model, reasoning included.',
    direction: 'up',
    floor: 1,
    of: (m) => m.tokensOut,
  },
  {
    key: 'cache_read_tokens',
    unit: '{token}',
    title: 'Cached tokens read',
    description: 'Input tokens that came from the provider’s cache.',
    direction: 'both',
    floor: 1,
    of: (m) => m.tokensCacheRead,
  },
  {
    key: 'cache_write_tokens',
    unit: '{token}',
    title: 'Cached tokens written',
    description: 'Input tokens that were written to the provider’s cache.',
    direction: 'both',
    floor: 1,
    of: (m) => m.tokensCacheWrite,
  },
  {
    key: 'denial_rate',
    unit: '1',
    title: 'Denial rate',
    description: 'Tool calls that were denied, per call asked for.',
    direction: 'up',
    floor: 0.001,
    of: (m) => m.denialRate,
  },
  {
    key: 'silent_failures',
    unit: '{call}',
    title: 'Silent failures',
    description: 'Tool calls that reported success while their output shows a failure.',
    direction: 'up',
    floor: 0.25,
    of: (m) => m.silentFailures,
  },
];

/** All metrics, the six core ones first. */
export const METRICS: readonly Metric[] = ROWS.map(({ core = false, ...row }) => ({
  ...row,
  name: `agent_strace.session.${row.key}`,
  baselineDefault: core,
  gauge: core,
}));

/** The row of a key; undefined if there is no such metric. */
export function metricOf(key: string): Metric | undefined {
  return METRICS.find((metric) => metric.key === key);
}
