import type { OptionRow } from './option-row.ts';

export const OUTPUT_OPTIONS = {
  json: { flags: '--json', type: 'flag', group: 'Output', summary: 'machine-readable output' },
  expand: { flags: '--expand', type: 'flag', group: 'Output', summary: 'show inputs and outputs' },
  width: {
    flags: '--width <columns>',
    type: 'integer',
    group: 'Output',
    summary: 'width of the output',
    shownDefault: "the terminal's, else that of COLUMNS, else 100",
  },
  noPager: {
    flags: '--no-pager',
    type: 'flag',
    group: 'Output',
    summary: 'print at once, without the pager (PAGER, else less)',
  },
  checkText: {
    flags: '--check',
    type: 'flag',
    group: 'Output',
    summary: 'list what would go, by line, column and rule, instead of the text',
  },
  output: {
    flags: '-o, --output <file>',
    type: 'text',
    group: 'Output',
    summary: 'write OTLP JSON to a file, "-" for stdout; always wins over sending',
  },
  jsonl: {
    flags: '--jsonl',
    type: 'flag',
    group: 'Output',
    summary: "one document a session, one a line (the Collector's file format)",
  },
  threads: {
    flags: '--threads <count>',
    type: 'integer',
    group: 'Output',
    summary: 'threads that make the spans of several sessions; 1 takes the least memory',
    shownDefault: '2 for large exports',
  },
  baselineOutput: {
    flags: '-o, --output <file>',
    type: 'text',
    group: 'Output',
    summary: 'also write the baseline to a file, "-" for stdout',
  },
  checkFormat: {
    flags: '-f, --format <name>',
    type: 'text',
    group: 'Output',
    choices: ['text', 'json', 'junit', 'github', 'markdown'],
    summary: 'form of the answer',
    shownDefault: 'text',
  },
  profileFormat: {
    flags: '-f, --format <name>',
    type: 'text',
    group: 'Output',
    choices: ['text', 'json', 'markdown'],
    summary: 'form of the baseline',
    shownDefault: 'text',
  },
  viewOutput: {
    flags: '-o, --output <file>',
    type: 'text',
    group: 'Output',
    summary: 'where to write the page, "-" for stdout',
    shownDefault: 'views/ beside the store',
  },
  noOpen: {
    flags: '--no-open',
    type: 'flag',
    group: 'Output',
    summary: 'write the page without opening it',
  },
} as const satisfies Record<string, OptionRow>;
