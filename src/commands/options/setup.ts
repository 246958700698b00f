import { AGENTS } from '../../agents/registry.ts';
import type { OptionRow } from './option-row.ts';

export const SETUP_OPTIONS = {
  setupAgent: {
    flags: '--agent <name>',
    type: 'text',
    group: 'Selection',
    known: AGENTS.filter(({ setup }) => setup !== undefined).map(({ name }) => name),
    summary: 'the agent that calls the hooks',
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
    summary: 'for all your projects (the default)',
  },
  printOnly: {
    flags: '--print',
    type: 'flag',
    group: 'Output',
    summary: 'show the changes without making them',
  },
  yes: {
    flags: '-y, --yes',
    type: 'flag',
    group: 'General',
    summary: 'make the changes without asking',
  },
  removeHooks: {
    flags: '--remove',
    type: 'flag',
    group: 'General',
    summary: 'remove the hooks of agent-strace, and nothing else',
  },
} as const satisfies Record<string, OptionRow>;
