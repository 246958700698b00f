import type { OptionRow } from './option-row.ts';

export const METRICS_OPTIONS = {
  metrics: {
    flags: '--metrics',
    type: 'flag',
    group: 'Metrics and scores',
    summary: 'send the metrics of the sessions as gauges, instead of their traces',
  },
  metricTime: {
    flags: '--metric-time <when>',
    type: 'text',
    group: 'Metrics and scores',
    choices: ['session', 'now'],
    summary: 'timestamp of the data points: the end of their session, or now',
    shownDefault: 'session; now for backends that refuse old points',
  },
  metricAttributes: {
    flags: '--metric-attributes <list>',
    type: 'text',
    group: 'Metrics and scores',
    summary: 'attributes of the data points, separated by commas, or "none"',
    shownDefault: 'session,agent,model,project',
  },
  scores: {
    flags: '--scores',
    type: 'flag',
    group: 'Metrics and scores',
    summary:
      'also send the scores of the sessions: to Langfuse, or elsewhere as evaluation results (OTLP logs)',
  },
} as const satisfies Record<string, OptionRow>;
