import type { CommandRow } from '../command.ts';

export const PROGRAM_COMMANDS: readonly CommandRow[] = [
  {
    name: 'config',
    summary: 'show what configuration files and environment set',
    options: [],
    commands: [
      {
        name: 'show',
        summary:
          'show the settings in effect in this folder and where each comes from; secrets are masked',
        options: ['json', 'width', 'quiet', 'db'],
        examples: ['agent-strace config show'],
        load: () => import('../config-show.ts'),
      },
    ],
  },
  {
    name: 'doctor',
    summary:
      'find out why you see nothing: checks recordings, hooks, store and destinations; exit 1 when something is in the way',
    options: ['agent', 'online', 'json', 'redactRules', 'quiet', 'db'],
    examples: ['agent-strace doctor', 'agent-strace doctor --json > doctor.json'],
    load: () => import('../doctor.ts'),
  },
  {
    name: 'completion',
    arguments: '<bash|zsh|fish>',
    summary: 'print a script for shell completion of commands, flags, values and session ids',
    options: ['quiet'],
    examples: ['eval "$(agent-strace completion bash)"'],
    load: () => import('../completion.ts'),
  },
];
