import type { CommandRow } from '../command.ts';
import { PRIVACY } from './option-lists.ts';

export const READING_COMMANDS: readonly CommandRow[] = [
  {
    name: 'import',
    arguments: '[path...]',
    summary: 'read recordings of agents into the store',
    options: [
      'agent',
      'discover',
      'importForce',
      'redactAtRest',
      'redactRules',
      'json',
      'quiet',
      'db',
    ],
    examples: ['agent-strace import', 'agent-strace import ~/.claude/projects --discover'],
    load: () => import('../import.ts'),
  },
  {
    name: 'list',
    summary: 'sessions in the store, newest first',
    options: [
      'agent',
      'since',
      'until',
      'scoreFilter',
      'limit',
      'json',
      'width',
      'noRedact',
      'redactRules',
      'quiet',
      'db',
    ],
    examples: ['agent-strace list --since 7d', "agent-strace list --score 'helpful<0.5'"],
    load: () => import('../list.ts'),
  },
  {
    name: 'show',
    arguments: '[session]',
    summary: 'one session as a tree with a time bar per operation',
    options: ['expand', 'width', 'noPager', ...PRIVACY, 'json', 'quiet', 'db'],
    examples: ['agent-strace show', 'agent-strace show 3f2a --expand'],
    load: () => import('../show.ts'),
  },
  {
    name: 'view',
    arguments: '[session]',
    summary: 'one session as a page for the browser: waterfall, search, details',
    options: ['viewOutput', 'noOpen', ...PRIVACY, 'quiet', 'db'],
    examples: ['agent-strace view', 'agent-strace view 3f2a --no-open --output session.html'],
    load: () => import('../view.ts'),
  },
];
