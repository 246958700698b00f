import type { CommandRow } from '../command.ts';

export const RECORDING_COMMANDS: readonly CommandRow[] = [
  {
    name: 'setup',
    summary: 'let an agent tell us what it does while it does it (hooks in its settings)',
    options: [
      'setupAgent',
      'projectScope',
      'globalScope',
      'printOnly',
      'yes',
      'removeHooks',
      'quiet',
      'db',
    ],
    examples: [
      'agent-strace setup',
      'agent-strace setup --agent codex --project --print',
      'agent-strace setup --remove',
    ],
    load: () => import('../setup.ts'),
  },
  {
    name: 'hook',
    arguments: '[event]',
    summary: "record what an agent's hook tells on stdin; silent, exit 0 (agents call this)",
    options: ['setupAgent', 'db'],
    load: () => import('../hook.ts'),
  },
];
