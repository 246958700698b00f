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
    name: 'completion',
    arguments: '<bash|zsh|fish>',
    summary: 'a script that completes commands, flags, values and session ids in the shell',
    options: ['quiet'],
    examples: ['eval "$(agent-strace completion bash)"'],
    load: () => import('../completion.ts'),
  },
];
