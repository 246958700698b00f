import type { CommandRow } from './command.ts';
import type { OptionName } from './options.ts';

const SELECTION: readonly OptionName[] = ['all', 'since', 'until', 'agent'];
const PRIVACY: readonly OptionName[] = ['content', 'noRedact', 'redactRules'];

/** All commands, in the order of help. */
export const COMMANDS: readonly CommandRow[] = [
  {
    name: 'import',
    arguments: '[path...]',
    summary: 'read recordings of agents into the store',
    options: ['agent', 'discover', 'redactAtRest', 'redactRules', 'json', 'quiet', 'db'],
    examples: ['agent-strace import', 'agent-strace import ~/.claude/projects --discover'],
    load: () => import('./import.ts'),
  },
  {
    name: 'list',
    summary: 'sessions in the store, newest first',
    options: ['agent', 'since', 'until', 'limit', 'json', 'width', 'quiet', 'db'],
    examples: ['agent-strace list --since 7d'],
    load: () => import('./list.ts'),
  },
  {
    name: 'show',
    arguments: '[session]',
    summary: 'one session as a tree with a time bar per operation',
    options: ['expand', 'width', ...PRIVACY, 'json', 'quiet', 'db'],
    examples: ['agent-strace show', 'agent-strace show 3f2a --expand'],
    load: () => import('./show.ts'),
  },
  {
    name: 'export',
    arguments: '[session]',
    summary: 'sessions as OpenTelemetry traces: to stdout, a file or a backend',
    options: [
      ...SELECTION,
      'format',
      'mapper',
      'spanNames',
      'semconv',
      'silentFailures',
      'serviceName',
      'attribute',
      'resourceAttribute',
      'traceparent',
      ...PRIVACY,
      'endpoint',
      'header',
      'backend',
      'protocol',
      'compression',
      'exporter',
      'destination',
      'requestTimeout',
      'retryFor',
      'batchSize',
      'rebaseTime',
      'force',
      'dryRun',
      'allowRunning',
      'output',
      'jsonl',
      'json',
      'quiet',
      'db',
    ],
    examples: [
      'agent-strace export --format otlp-genai --endpoint http://localhost:4318',
      'agent-strace export --since 24h --backend honeycomb',
      'agent-strace export 3f2a --format otlp > trace.json',
    ],
    load: () => import('./export.ts'),
  },
];
