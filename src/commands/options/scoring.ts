import type { OptionRow } from './option-row.ts';

export const SCORING_OPTIONS = {
  scoreName: {
    flags: '--name <name>',
    type: 'text',
    group: 'Scoring',
    summary: 'what is judged: helpful, correct, …',
  },
  scoreValue: {
    flags: '--value <value>',
    type: 'text',
    group: 'Scoring',
    summary: 'a number, or true or false; any other word is a label',
  },
  scoreLabel: {
    flags: '--label <text>',
    type: 'text',
    group: 'Scoring',
    summary: 'a word instead of a value, or beside it',
  },
  scoreType: {
    flags: '--type <type>',
    type: 'text',
    group: 'Scoring',
    choices: ['numeric', 'boolean', 'categorical', 'text'],
    summary: 'type of the score',
    shownDefault: 'inferred from the value',
  },
  scoreComment: { flags: '--comment <text>', type: 'text', group: 'Scoring', summary: 'why' },
  scoreSource: {
    flags: '--source <name>',
    type: 'text',
    group: 'Scoring',
    summary: 'who judged: human, eval, or a name',
    shownDefault: 'human; eval for an import',
  },
  scoreOperation: {
    flags: '--operation <id>',
    type: 'text',
    group: 'Scoring',
    summary: 'judge one operation of the session (its span id)',
  },
  scoreImport: {
    flags: '--import <file>',
    type: 'text',
    group: 'Scoring',
    summary: 'import scores from a CSV or JSON file, "-" for stdin',
  },
} as const satisfies Record<string, OptionRow>;
