import { AGENTS } from '../../agents/registry.ts';
import type { OptionRow } from './option-row.ts';

export const SETUP_OPTIONS = {
  setupAgent: {
    flags: '--agent <name>',
    type: 'text',
    group: 'Selection',
    known: AGENTS.filter(({ setup }) => setup !== undefined).map(({ name }) => name),
    summary: 'the agent that is to be recorded as it works',
    shownDefault: 'claude',
  },
  projectScope: {
    flags: '--project',
    type: 'flag',
    group: 'Selection',
    summary: 'only for the project in this folder',
  },
  globalScope: {
    flags: '--global',
    type: 'flag',
    group: 'Selection',
    summary: 'for everything you do (the default)',
  },
  printOnly: {
    flags: '--print',
    type: 'flag',
    group: 'Output',
    summary: 'show the change and change nothing',
  },
  yes: { flags: '-y, --yes', type: 'flag', group: 'General', summary: 'change without asking' },
  removeHooks: {
    flags: '--remove',
    type: 'flag',
    group: 'General',
    summary: 'take our hooks out again, and nothing else',
  },
} as const satisfies Record<string, OptionRow>;
