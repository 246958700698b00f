import type { OptionRow } from './option-row.ts';

export const METRICS_OPTIONS = {
  metrics: {
    flags: '--metrics',
    type: 'flag',
    group: 'Metrics and scores',
    summary: 'send how the sessions behaved, as gauges, instead of their traces',
  },
  metricTime: {
    flags: '--metric-time <when>',
    type: 'text',
    group: 'Metrics and scores',
    choices: ['session', 'now'],
    summary: 'time of the points: the end of their session, or now',
    shownDefault: 'session; now for backends that refuse old points',
  },
  metricAttributes: {
    flags: '--metric-attributes <list>',
    type: 'text',
    group: 'Metrics and scores',
    summary: 'attributes of the points, separated by commas, or "none"',
    shownDefault: 'session,agent,model,project',
  },
  scores: {
    flags: '--scores',
    type: 'flag',
    group: 'Metrics and scores',
    summary:
      'send the scores of the sessions too: to Langfuse, else as evaluation results (OTLP logs)',
  },
} as const satisfies Record<string, OptionRow>;
