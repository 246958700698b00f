import type { CommandRow } from '../command.ts';

export const PROGRAM_COMMANDS: readonly CommandRow[] = [
  {
    name: 'config',
    summary: 'what the configuration files and the environment say',
    options: [],
    commands: [
      {
        name: 'show',
        summary:
          'the values that hold in this folder and where each comes from; secrets are masked',
        options: ['json', 'width', 'quiet', 'db'],
        examples: ['agent-strace config show'],
        load: () => import('../config-show.ts'),
      },
    ],
  },
  {
    name: 'doctor',
    summary:
      'why do I see nothing? recordings, hooks, store, destinations: exit 1 when something stands in the way',
    options: ['agent', 'online', 'json', 'redactRules', 'quiet', 'db'],
    examples: ['agent-strace doctor', 'agent-strace doctor --json > doctor.json'],
    load: () => import('../doctor.ts'),
  },
  {
    name: 'completion',
    arguments: '<bash|zsh|fish>',
    summary: 'a script that completes commands, flags, values and session ids in the shell',
    options: ['quiet'],
    examples: ['eval "$(agent-strace completion bash)"'],
    load: () => import('../completion.ts'),
  },
];
