import type { OptionRow } from './option-row.ts';

export const WATCHDOG_OPTIONS = {
  maxDuration: {
    flags: '--timeout, --max-duration <time>',
    type: 'duration',
    group: 'Watchdog',
    summary: 'longest time a session may run: 30m, 2h',
  },
  budget: {
    flags: '--budget <dollars>',
    type: 'number',
    group: 'Watchdog',
    summary: 'maximum cost of a session in US dollars, recorded or estimated',
  },
  maxToolCalls: {
    flags: '--max-tool-calls <count>',
    type: 'integer',
    group: 'Watchdog',
    summary: 'maximum number of tool calls in a session',
  },
  maxErrors: {
    flags: '--max-errors <count>',
    type: 'integer',
    group: 'Watchdog',
    summary: 'maximum number of failed tool and model calls in a session',
  },
  loopThreshold: {
    flags: '--loop-threshold <count>',
    type: 'integer',
    group: 'Watchdog',
    summary: 'calling the same tool with the same arguments this often is a loop',
    shownDefault: '3 where a window is given',
  },
  loopWindow: {
    flags: '--loop-window <calls>',
    type: 'integer',
    group: 'Watchdog',
    summary: 'look for loops among this many calls of one agent',
    shownDefault: '10 where a threshold is given',
  },
  rules: {
    flags: '--rules <file>',
    type: 'text',
    group: 'Watchdog',
    summary: 'additional rules (JSON), each with its own action',
  },
  onViolation: {
    flags: '--on-violation <action>',
    type: 'text',
    group: 'Watchdog',
    choices: ['warn', 'kill'],
    summary:
      'when a limit is exceeded: warn, or also stop the agent that was recorded with the session',
    shownDefault: 'warn',
  },
  grace: {
    flags: '--grace <time>',
    type: 'duration',
    group: 'Watchdog',
    summary: 'time between TERM and KILL',
    shownDefault: '5s',
  },
  pid: {
    flags: '--pid <number>',
    type: 'integer',
    group: 'Watchdog',
    summary: 'process id of the named session, if none was recorded',
  },
  watchDryRun: {
    flags: '--dry-run',
    type: 'flag',
    group: 'Watchdog',
    summary: 'say what would be stopped, stop nothing',
  },
} as const satisfies Record<string, OptionRow>;
