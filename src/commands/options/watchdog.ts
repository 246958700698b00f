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
    summary: 'most that a session may cost in US dollars, recorded or estimated',
  },
  maxToolCalls: {
    flags: '--max-tool-calls <count>',
    type: 'integer',
    group: 'Watchdog',
    summary: 'most tool calls of a session',
  },
  maxErrors: {
    flags: '--max-errors <count>',
    type: 'integer',
    group: 'Watchdog',
    summary: 'most failed tool and model calls of a session',
  },
  loopThreshold: {
    flags: '--loop-threshold <count>',
    type: 'integer',
    group: 'Watchdog',
    summary: 'the same tool with the same arguments this often is a loop',
    shownDefault: '3 where a window is given',
  },
  loopWindow: {
    flags: '--loop-window <calls>',
    type: 'integer',
    group: 'Watchdog',
    summary: 'among so many calls of one agent',
    shownDefault: '10 where a threshold is given',
  },
  rules: {
    flags: '--rules <file>',
    type: 'text',
    group: 'Watchdog',
    summary: 'further rules (JSON), each with its own action',
  },
  onViolation: {
    flags: '--on-violation <action>',
    type: 'text',
    group: 'Watchdog',
    choices: ['warn', 'kill'],
    summary: 'say so, or also stop the agent that was recorded with the session',
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
    summary: 'the process of the session that is named, where none was recorded',
  },
  watchDryRun: {
    flags: '--dry-run',
    type: 'flag',
    group: 'Watchdog',
    summary: 'say what would be stopped, stop nothing',
  },
} as const satisfies Record<string, OptionRow>;
