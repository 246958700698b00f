import type { OptionRow } from './option-row.ts';

/** How long recordings are kept. */
export const KEEPING_OPTIONS = {
  olderThan: {
    flags: '--older-than <age>',
    type: 'text',
    group: 'Selection',
    summary: 'sessions whose last event is older: 30d, 4w, 6mo, 2y (calendar months)',
  },
  pruneContent: {
    flags: '--content',
    type: 'flag',
    group: 'Store',
    summary: 'erase texts and their salts only; headers, metrics and the chain stay',
  },
  pruneDryRun: {
    flags: '--dry-run',
    type: 'flag',
    group: 'Store',
    summary: 'say what would be removed, remove nothing',
  },
  holdReason: {
    flags: '--reason <text>',
    type: 'text',
    group: 'Store',
    summary: 'why; kept in the store, never in a package',
  },
  importForce: {
    flags: '--force',
    type: 'flag',
    group: 'Selection',
    summary: 'read everything again, and bring pruned sessions back',
  },
} as const satisfies Record<string, OptionRow>;
