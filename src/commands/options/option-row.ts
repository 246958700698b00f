/** Where a value is listed in help. */
export type OptionGroup =
  | 'Selection'
  | 'Output'
  | 'Sending'
  | 'Mapping'
  | 'Privacy'
  | 'Metrics and scores'
  | 'Judging'
  | 'Watchdog'
  | 'Scoring'
  | 'Evidence'
  | 'Store'
  | 'General';

/** How text from the command line becomes a value. */
export type OptionType = 'flag' | 'text' | 'integer' | 'number' | 'duration' | 'list';

/** One flag: help, validation, completion, configuration and docs all derive from this row. */
export interface OptionRow {
  readonly flags: string;
  readonly type: OptionType;
  readonly summary: string;
  readonly group: OptionGroup;
  /** Closed set of values; a function where a registry holds them. */
  readonly choices?: (() => Promise<readonly string[]>) | readonly string[];
  /** Values that help lists. The program checks the value where it reads it, because there are more. */
  readonly known?: readonly string[];
  /** Shown in help; the program applies it where it reads the value. */
  readonly shownDefault?: string;
  /** Environment variable that gives the value when the flag is absent. */
  readonly env?: string;
}
