import type { CommandRow } from '../command.ts';

export const KEEPING_COMMANDS: readonly CommandRow[] = [
  {
    name: 'prune',
    summary: 'delete old sessions, or erase their texts; held sessions stay',
    options: ['olderThan', 'pruneContent', 'pruneDryRun', 'json', 'quiet', 'db'],
    examples: [
      'agent-strace prune --older-than 6mo --dry-run',
      'agent-strace prune --content --older-than 30d',
    ],
    load: () => import('../prune.ts'),
  },
  {
    name: 'hold',
    summary: 'keep sessions from being pruned',
    options: [],
    commands: [
      {
        name: 'add',
        arguments: '<session...>',
        meaning: 'the beginnings of their ids',
        summary: 'hold sessions until they are removed from the list',
        options: ['holdReason', 'quiet', 'db'],
        load: () => import('../hold-add.ts'),
      },
      {
        name: 'list',
        summary: 'held sessions',
        options: ['json', 'quiet', 'db'],
        load: () => import('../hold-list.ts'),
      },
      {
        name: 'remove',
        arguments: '<session...>',
        meaning: 'the beginnings of their ids',
        summary: 'let go of held sessions',
        options: ['quiet', 'db'],
        load: () => import('../hold-remove.ts'),
      },
    ],
  },
  {
    name: 'store',
    summary: 'the store itself: what is in it, making it smaller, copying it',
    options: [],
    commands: [
      {
        name: 'info',
        summary: 'where it is and what it holds',
        options: ['json', 'quiet', 'db'],
        load: () => import('../store-info.ts'),
      },
      {
        name: 'vacuum',
        summary: 'give unused space back',
        options: ['quiet', 'db'],
        load: () => import('../store-vacuum.ts'),
      },
      {
        name: 'backup',
        arguments: '<file>',
        summary: 'a consistent copy, while others go on writing',
        options: ['quiet', 'db'],
        load: () => import('../store-backup.ts'),
      },
    ],
  },
];
