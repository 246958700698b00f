import type { OptionName } from '../options.ts';

/** Where a configuration file holds a flag's value. Its type, allowed values and help are the flag's. */
export interface ConfigKey {
  readonly path: string;
  /** `too`: each destination may also have its own value. `only`: there is no value for all of them. */
  readonly perDestination?: 'too' | 'only';
  /** A project's file may not set this key: what it does should not depend on the current folder. */
  readonly userOnly?: true;
  /** A project's file may set this key to anything but this value, which would let out more than the user asked for. */
  readonly userOnlyValue?: string | boolean;
  /** Values of files and flag are combined instead of replacing one another. */
  readonly addsUp?: true;
  /** Only these commands read the key from the file; in a destination, it applies to everything sent there. */
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
