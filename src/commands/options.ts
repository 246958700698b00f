import { BACKEND_NAMES } from '../backends/registry.ts';
import { SAMPLING_POLICIES } from '../delivery/sampling-policies.ts';
import { EXPORTERS } from '../exporters/registry.ts';
import { MAPPERS } from '../mappers/registry.ts';

/** Where a value is listed in help. */
export type OptionGroup =
  | 'Selection'
  | 'Output'
  | 'Sending'
  | 'Mapping'
  | 'Privacy'
  | 'Metrics and scores'
  | 'Judging'
  | 'Watchdog'
  | 'Scoring'
  | 'Store'
  | 'General';

/** How text from the command line becomes a value. */
export type OptionType = 'flag' | 'text' | 'integer' | 'number' | 'duration' | 'list';

/** One flag: help, validation, completion, configuration and docs all derive from this row. */
export interface OptionRow {
  readonly flags: string;
  readonly type: OptionType;
  readonly summary: string;
  readonly group: OptionGroup;
  /** Closed set of values; a function where a registry holds them. */
  readonly choices?: (() => Promise<readonly string[]>) | readonly string[];
  /** Values that help lists. The program checks the value where it reads it, because there are more. */
  readonly known?: readonly string[];
  /** Shown in help; the program applies it where it reads the value. */
  readonly shownDefault?: string;
  /** Environment variable that gives the value when the flag is absent. */
  readonly env?: string;
}

const rows = {
  db: {
    flags: '--db <file>',
    type: 'text',
    group: 'Store',
    summary: 'the store to use',
    env: 'AGENT_STRACE_DB',
    shownDefault: "the platform's folder for application data",
  },
  quiet: {
    flags: '-q, --quiet',
    type: 'flag',
    group: 'General',
    summary: 'no messages on stderr except errors',
  },
  json: { flags: '--json', type: 'flag', group: 'Output', summary: 'machine-readable output' },
  agent: {
    flags: '--agent <name>',
    type: 'text',
    group: 'Selection',
    summary: 'only recordings of this agent',
  },
  discover: {
    flags: '--discover',
    type: 'flag',
    group: 'Selection',
    summary: 'list what would be imported, change nothing',
  },
  redactAtRest: {
    flags: '--redact',
    type: 'flag',
    group: 'Privacy',
    summary: 'redact before storing (what is removed is gone)',
  },
  all: { flags: '--all', type: 'flag', group: 'Selection', summary: 'all sessions' },
  since: {
    flags: '--since <time>',
    type: 'text',
    group: 'Selection',
    summary: 'sessions whose last event is at or after this: 2026-01-31, an ISO time, 7d, 24h, 30m',
  },
  until: {
    flags: '--until <time>',
    type: 'text',
    group: 'Selection',
    summary: 'sessions whose last event is before this; a bare date includes that day',
  },
  limit: {
    flags: '-n, --limit <count>',
    type: 'integer',
    group: 'Selection',
    summary: 'at most this many sessions',
    shownDefault: '20',
  },
  expand: { flags: '--expand', type: 'flag', group: 'Output', summary: 'show inputs and outputs' },
  width: {
    flags: '--width <columns>',
    type: 'integer',
    group: 'Output',
    summary: 'width of the output',
    shownDefault: "the terminal's, else that of COLUMNS, else 100",
  },
  noPager: {
    flags: '--no-pager',
    type: 'flag',
    group: 'Output',
    summary: 'print at once, without the pager (PAGER, else less)',
  },
  format: {
    flags: '-f, --format <name>',
    type: 'text',
    group: 'Mapping',
    known: MAPPERS.map((mapper) => mapper.name),
    summary: 'vocabulary of the trace',
    shownDefault: "the backend's, else otlp-genai",
  },
  mapper: {
    flags: '--mapper <file>',
    type: 'text',
    group: 'Mapping',
    summary: 'use a mapper of your own (JavaScript module)',
  },
  spanNames: {
    flags: '--span-names <style>',
    type: 'text',
    group: 'Mapping',
    choices: ['agent-strace', 'semconv'],
    summary: 'span names: the usual ones, or those of the semantic conventions',
    shownDefault: 'agent-strace',
  },
  semconv: {
    flags: '--semconv <version>',
    type: 'text',
    group: 'Mapping',
    choices: ['latest', 'dual', 'legacy'],
    summary: 'attribute names: newest, newest and former, or former',
    shownDefault: "the backend's, else latest",
  },
  silentFailures: {
    flags: '--silent-failures <mode>',
    type: 'text',
    group: 'Mapping',
    choices: ['mark', 'error', 'off'],
    summary: 'tools that report success while their text shows a failure',
    shownDefault: 'mark',
  },
  content: {
    flags: '--content <policy>',
    type: 'text',
    group: 'Privacy',
    choices: ['none', 'redacted', 'full'],
    summary: 'prompts, replies, tool inputs and outputs: sizes only, redacted text, or verbatim',
    shownDefault: "the format's",
  },
  noRedact: {
    flags: '--no-redact',
    type: 'flag',
    group: 'Privacy',
    summary: 'switch redaction of secrets and personal data off',
  },
  redactRules: {
    flags: '--redact-rules <file>',
    type: 'text',
    group: 'Privacy',
    summary: 'further redaction rules (JSON)',
  },
  checkText: {
    flags: '--check',
    type: 'flag',
    group: 'Output',
    summary: 'list what would go, by line, column and rule, instead of the text',
  },
  output: {
    flags: '-o, --output <file>',
    type: 'text',
    group: 'Output',
    summary: 'write OTLP JSON to a file, "-" for stdout; always wins over sending',
  },
  jsonl: {
    flags: '--jsonl',
    type: 'flag',
    group: 'Output',
    summary: "one document a session, one a line (the Collector's file format)",
  },
  endpoint: {
    flags: '--endpoint <url>',
    type: 'list',
    group: 'Sending',
    summary: 'send there: a base URL, or the full path of a signal; repeatable',
  },
  to: {
    flags: '--to <name>',
    type: 'list',
    group: 'Sending',
    summary: 'send to a destination of the configuration file; repeatable',
  },
  header: {
    flags: '--header <"name: value">',
    type: 'list',
    group: 'Sending',
    summary: 'header for the --endpoint before it; repeatable',
  },
  backend: {
    flags: '--backend <name>',
    type: 'list',
    group: 'Sending',
    known: BACKEND_NAMES,
    summary: 'send to a known backend; endpoint and keys come from its usual variables; repeatable',
  },
  protocol: {
    flags: '--protocol <name>',
    type: 'text',
    group: 'Sending',
    choices: ['http/protobuf', 'http/json'],
    summary: 'encoding on the wire',
    shownDefault: 'http/protobuf',
  },
  serviceName: {
    flags: '--service-name <name>',
    type: 'text',
    group: 'Mapping',
    summary: 'service.name of the resource',
    shownDefault: 'agent-trace',
  },
  attribute: {
    flags: '--attribute <key=value>',
    type: 'list',
    group: 'Mapping',
    summary: 'attribute on every span; repeatable',
  },
  resourceAttribute: {
    flags: '--resource-attribute <key=value>',
    type: 'list',
    group: 'Mapping',
    summary: 'attribute of the resource (run_id, tenant, …); repeatable',
  },
  requestTimeout: {
    flags: '--request-timeout <time>',
    type: 'duration',
    group: 'Sending',
    summary: 'longest time for one request',
    shownDefault: '10s',
  },
  retryFor: {
    flags: '--retry-for <time>',
    type: 'duration',
    group: 'Sending',
    summary: 'keep trying a failing request this long',
    shownDefault: '2m',
  },
  batchSize: {
    flags: '--batch-size <spans>',
    type: 'integer',
    group: 'Sending',
    summary: 'at most this many spans in a request',
    shownDefault: '512',
  },
  compression: {
    flags: '--compression <name>',
    type: 'text',
    group: 'Sending',
    choices: ['gzip', 'none'],
    summary: 'compression of requests',
    shownDefault: 'gzip, none on loopback',
  },
  destination: {
    flags: '--destination <name>',
    type: 'text',
    group: 'Sending',
    summary: 'name of the destination in the ledger, apart from its URL',
  },
  exporter: {
    flags: '--exporter <name>',
    type: 'text',
    group: 'Sending',
    choices: EXPORTERS.filter(({ open }) => open !== undefined).map(({ name }) => name),
    summary:
      'who sends: our own transport, or "otel", the SDK\'s, which can only say accepted or failed',
    shownDefault: 'otlp-http',
  },
  force: {
    flags: '--force',
    type: 'flag',
    group: 'Sending',
    summary: 'send again what the destination has taken already',
  },
  dryRun: {
    flags: '--dry-run',
    type: 'flag',
    group: 'Sending',
    summary: 'say what would be sent, send nothing',
  },
  traceparent: {
    flags: '--traceparent <context>',
    type: 'text',
    group: 'Mapping',
    summary: 'put the root span under this W3C context (one session)',
  },
  rebaseTime: {
    flags: '--rebase-time <time>',
    type: 'text',
    group: 'Sending',
    summary:
      'shift the session to end then ("now" or an ISO time) for backends that refuse the past',
  },
  sample: {
    flags: '--sample <policies>',
    type: 'list',
    group: 'Selection',
    known: [...SAMPLING_POLICIES.map(({ word, value = '' }) => word + value), 'ratio=0.05'],
    summary: 'send only whole sessions that fit one of these, separated by commas; repeatable',
  },
  sampleBudget: {
    flags: '--sample-budget <rate>',
    type: 'text',
    group: 'Selection',
    summary:
      'of the sessions that no policy keeps, a share of about this many: 10/s, 100/m, 2000/h',
  },
  allowRunning: {
    flags: '--allow-running',
    type: 'flag',
    group: 'Selection',
    summary: 'also export a session that is still running',
  },
  sessions: {
    flags: '--sessions <count>',
    type: 'integer',
    group: 'Selection',
    summary: 'the last finished sessions, this many',
    shownDefault: '50',
  },
  model: {
    flags: '--model <name>',
    type: 'text',
    group: 'Selection',
    summary: 'only sessions that used this model',
  },
  project: {
    flags: '--project <name>',
    type: 'text',
    group: 'Selection',
    summary: 'only sessions in this working directory, or one of this name',
  },
  baselineName: {
    flags: '--name <name>',
    type: 'text',
    group: 'Selection',
    summary: 'which baseline',
    shownDefault: 'default',
  },
  baselineFile: {
    flags: '--baseline <file>',
    type: 'text',
    group: 'Selection',
    summary: 'a baseline file instead of one in the store',
  },
  baselineOutput: {
    flags: '-o, --output <file>',
    type: 'text',
    group: 'Output',
    summary: 'also write the baseline to a file, "-" for stdout',
  },
  threshold: {
    flags: '--threshold <number>',
    type: 'number',
    group: 'Judging',
    summary: 'largest accepted deviation, in standard deviations',
    shownDefault: '2.0',
  },
  checkMetrics: {
    flags: '--metrics <list>',
    type: 'text',
    group: 'Judging',
    summary: 'metrics to judge, separated by commas',
    shownDefault: 'the six of docs/metrics.md',
  },
  direction: {
    flags: '--direction <which>',
    type: 'text',
    group: 'Judging',
    choices: ['up', 'both'],
    summary: 'flag only more than usual, or less as well',
    shownDefault: 'both',
  },
  robust: {
    flags: '--robust',
    type: 'flag',
    group: 'Judging',
    summary: 'median and MAD instead of mean and standard deviation',
  },
  minSessions: {
    flags: '--min-sessions <count>',
    type: 'integer',
    group: 'Judging',
    summary: 'fewest values a metric needs to be judged',
    shownDefault: '5',
  },
  allowOpen: {
    flags: '--allow-open',
    type: 'flag',
    group: 'Judging',
    summary: 'also judge a session that is still running',
  },
  checkFormat: {
    flags: '-f, --format <name>',
    type: 'text',
    group: 'Output',
    choices: ['text', 'json', 'junit', 'github', 'markdown'],
    summary: 'form of the answer',
    shownDefault: 'text',
  },
  profileFormat: {
    flags: '-f, --format <name>',
    type: 'text',
    group: 'Output',
    choices: ['text', 'json', 'markdown'],
    summary: 'form of the baseline',
    shownDefault: 'text',
  },
  scoreName: {
    flags: '--name <name>',
    type: 'text',
    group: 'Scoring',
    summary: 'what is judged: helpful, correct, …',
  },
  scoreValue: {
    flags: '--value <value>',
    type: 'text',
    group: 'Scoring',
    summary: 'a number, or true or false',
  },
  scoreLabel: {
    flags: '--label <text>',
    type: 'text',
    group: 'Scoring',
    summary: 'a word instead of a value, or beside it',
  },
  scoreType: {
    flags: '--type <type>',
    type: 'text',
    group: 'Scoring',
    choices: ['numeric', 'boolean', 'categorical', 'text'],
    summary: 'type of the score',
    shownDefault: 'told by the value',
  },
  scoreComment: { flags: '--comment <text>', type: 'text', group: 'Scoring', summary: 'why' },
  scoreSource: {
    flags: '--source <name>',
    type: 'text',
    group: 'Scoring',
    summary: 'who judged: human, eval, or a name',
    shownDefault: 'human; eval for an import',
  },
  scoreOperation: {
    flags: '--operation <id>',
    type: 'text',
    group: 'Scoring',
    summary: 'judge one operation of the session (its span id)',
  },
  scoreImport: {
    flags: '--import <file>',
    type: 'text',
    group: 'Scoring',
    summary: 'take scores from a CSV or JSON file, "-" for stdin',
  },
  scoreFilter: {
    flags: '--score <condition>',
    type: 'list',
    group: 'Selection',
    summary: "only what was scored so: 'helpful<0.5', 'quality=good', or a name; repeatable",
  },
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
  langfuseHost: {
    flags: '--langfuse-host <url>',
    type: 'text',
    group: 'Sending',
    summary: 'base URL of a self-hosted Langfuse',
    env: 'LANGFUSE_BASE_URL',
  },
  tag: {
    flags: '--tag <text>',
    type: 'list',
    group: 'Mapping',
    summary: 'tag of the trace, for --format langfuse; repeatable',
  },
  streamTo: {
    flags: '--stream-to <url>',
    type: 'list',
    group: 'Sending',
    summary:
      'send each completed operation there at once: a base URL or the full path of traces; repeatable',
  },
  streamBatchSize: {
    flags: '--stream-batch-size <spans>',
    type: 'integer',
    group: 'Sending',
    summary: 'at most this many spans in a request',
    shownDefault: '10',
  },
  streamFlushInterval: {
    flags: '--stream-flush-interval <seconds>',
    type: 'duration',
    group: 'Sending',
    summary: 'a request that takes longer than this no longer holds up the next one',
    shownDefault: '5',
  },
  idleTimeout: {
    flags: '--idle-timeout <time>',
    type: 'duration',
    group: 'Selection',
    summary: 'a session without events for this long is over',
    shownDefault: '30m',
  },
  poll: {
    flags: '--poll',
    type: 'flag',
    group: 'General',
    summary: 'look at files every second instead of relying on file-system events',
  },
  noIngest: {
    flags: '--no-ingest',
    type: 'flag',
    group: 'General',
    summary: "follow the store only, not the agents' own logs",
  },
  viewOutput: {
    flags: '-o, --output <file>',
    type: 'text',
    group: 'Output',
    summary: 'where to write the page, "-" for stdout',
    shownDefault: 'views/ beside the store',
  },
  noOpen: {
    flags: '--no-open',
    type: 'flag',
    group: 'Output',
    summary: 'write the page without opening it',
  },
  maxDuration: {
    flags: '--timeout, --max-duration <time>',
    type: 'duration',
    group: 'Watchdog',
    summary: 'longest time a session may run: 30m, 2h',
  },
  budget: {
    flags: '--budget <dollars>',
    type: 'number',
    group: 'Watchdog',
    summary: 'most that a session may cost in US dollars, recorded or estimated',
  },
  maxToolCalls: {
    flags: '--max-tool-calls <count>',
    type: 'integer',
    group: 'Watchdog',
    summary: 'most tool calls of a session',
  },
  maxErrors: {
    flags: '--max-errors <count>',
    type: 'integer',
    group: 'Watchdog',
    summary: 'most failed tool and model calls of a session',
  },
  loopThreshold: {
    flags: '--loop-threshold <count>',
    type: 'integer',
    group: 'Watchdog',
    summary: 'the same tool with the same arguments this often is a loop',
    shownDefault: '3 where a window is given',
  },
  loopWindow: {
    flags: '--loop-window <calls>',
    type: 'integer',
    group: 'Watchdog',
    summary: 'among so many calls of one agent',
    shownDefault: '10 where a threshold is given',
  },
  rules: {
    flags: '--rules <file>',
    type: 'text',
    group: 'Watchdog',
    summary: 'further rules (JSON), each with its own action',
  },
  onViolation: {
    flags: '--on-violation <action>',
    type: 'text',
    group: 'Watchdog',
    choices: ['warn', 'kill'],
    summary: 'say so, or also stop the agent that was recorded with the session',
    shownDefault: 'warn',
  },
  grace: {
    flags: '--grace <time>',
    type: 'duration',
    group: 'Watchdog',
    summary: 'time between TERM and KILL',
    shownDefault: '5s',
  },
  pid: {
    flags: '--pid <number>',
    type: 'integer',
    group: 'Watchdog',
    summary: 'the process of the session that is named, where none was recorded',
  },
  watchDryRun: {
    flags: '--dry-run',
    type: 'flag',
    group: 'Watchdog',
    summary: 'say what would be stopped, stop nothing',
  },
  startSpan: {
    flags: '--start-span',
    type: 'flag',
    group: 'Sending',
    summary: 'send a small first span so that the trace can be found while it runs',
  },
} as const satisfies Record<string, OptionRow>;

export type OptionName = keyof typeof rows;
export const OPTIONS: Readonly<Record<OptionName, OptionRow>> = rows;

/** Values of a command's flags as commander hands them over, checked by type. */
export interface OptionValues {
  readonly [name: string]: string | number | boolean | readonly (string | object)[] | undefined;
}
