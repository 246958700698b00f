import type { OptionRow } from './option-row.ts';

export const GENERAL_OPTIONS = {
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
    summary: 'no messages on stderr except warnings and errors',
  },
  poll: {
    flags: '--poll',
    type: 'flag',
    group: 'General',
    summary: 'look at files every second instead of relying on file-system events',
  },
  online: {
    flags: '--online',
    type: 'flag',
    group: 'Sending',
    summary: 'ask each configured destination, with an empty request',
  },
  noIngest: {
    flags: '--no-ingest',
    type: 'flag',
    group: 'General',
    summary: "follow the store only, not the agents' own logs",
  },
} as const satisfies Record<string, OptionRow>;
