import type { OptionName } from '../options.ts';

/** Where a flag's value stands in a configuration file. Its type, its values and its help are the flag's. */
export interface ConfigKey {
  readonly path: string;
  /** `too`: each destination may have its own. `only`: there is none for all of them. */
  readonly perDestination?: 'too' | 'only';
  /** The file of a project may not set it: what it does should not depend on the folder one is in. */
  readonly userOnly?: true;
  /** Of this key, the file of a project may set anything but this value: what it lets out was not asked for. */
  readonly userOnlyValue?: string | boolean;
  /** Files and flag add up instead of replacing one another. */
  readonly addsUp?: true;
  /** Only these commands take it from the file; what is said of a destination holds wherever it is sent to. */
  readonly commands?: readonly string[];
}

const rows = {
  db: { path: 'store', userOnly: true },
  width: { path: 'width' },
  noPager: { path: 'pager' },
  noOpen: { path: 'view.open' },
  format: { path: 'format', perDestination: 'too' },
  mapper: { path: 'mapper', perDestination: 'too', userOnly: true },
  spanNames: { path: 'spanNames', perDestination: 'too' },
  semconv: { path: 'semconv', perDestination: 'too' },
  silentFailures: { path: 'silentFailures', perDestination: 'too' },
  serviceName: { path: 'serviceName', perDestination: 'too' },
  attribute: { path: 'attributes', perDestination: 'too', addsUp: true },
  resourceAttribute: { path: 'resourceAttributes', perDestination: 'too', addsUp: true },
  tag: { path: 'tags', perDestination: 'too' },
  content: {
    path: 'content',
    perDestination: 'too',
    commands: ['export', 'watch'],
    userOnlyValue: 'full',
  },
  noRedact: { path: 'redaction.enabled', perDestination: 'too', userOnlyValue: false },
  redactRules: { path: 'redaction.rules', perDestination: 'too', addsUp: true },
  redactAtRest: { path: 'import.redact' },
  sample: { path: 'sample', perDestination: 'too', commands: ['export'] },
  sampleBudget: { path: 'sampleBudget', perDestination: 'too', commands: ['export'] },
  protocol: { path: 'protocol', perDestination: 'only' },
  compression: { path: 'compression', perDestination: 'only' },
  exporter: { path: 'exporter', perDestination: 'only' },
  requestTimeout: { path: 'requestTimeout', perDestination: 'too' },
  retryFor: { path: 'retryFor', perDestination: 'too' },
  batchSize: { path: 'batchSize', perDestination: 'too' },
  metricTime: { path: 'metrics.time', perDestination: 'too' },
  metricAttributes: { path: 'metrics.attributes', perDestination: 'too' },
  streamBatchSize: { path: 'watch.batchSize' },
  streamFlushInterval: { path: 'watch.flushInterval' },
  idleTimeout: { path: 'watch.idleTimeout' },
  poll: { path: 'watch.poll' },
  noIngest: { path: 'watch.ingest' },
  startSpan: { path: 'watch.startSpan' },
  sessions: { path: 'baseline.sessions' },
  baselineName: { path: 'baseline.name' },
  baselineFile: { path: 'baseline.file' },
  threshold: { path: 'baseline.threshold' },
  checkMetrics: { path: 'baseline.metrics' },
  direction: { path: 'baseline.direction' },
  robust: { path: 'baseline.robust' },
  minSessions: { path: 'baseline.minSessions' },
  allowOpen: { path: 'baseline.allowOpen' },
  maxDuration: { path: 'watchdog.maxDuration' },
  budget: { path: 'watchdog.budget' },
  maxToolCalls: { path: 'watchdog.maxToolCalls' },
  maxErrors: { path: 'watchdog.maxErrors' },
  loopThreshold: { path: 'watchdog.loopThreshold' },
  loopWindow: { path: 'watchdog.loopWindow' },
  rules: { path: 'watchdog.rules', userOnly: true },
  onViolation: { path: 'watchdog.onViolation', userOnly: true },
  grace: { path: 'watchdog.grace' },
  declare: { path: 'audit.declare', addsUp: true },
  sign: { path: 'audit.sign' },
  keyFile: { path: 'audit.keyFile', userOnly: true },
  olderThan: { path: 'retention.olderThan', userOnly: true },
} as const satisfies { readonly [name in OptionName]?: ConfigKey };

/** By the name of the option, in the order of the documentation. */
export const CONFIG_KEYS: { readonly [name in OptionName]?: ConfigKey } = rows;
export const CONFIGURABLE = Object.keys(rows) as readonly (keyof typeof rows)[];
