import { OPTIONS, type OptionName } from './options.ts';

/** An option as it is typed, such as `--dry-run`, from its name in the table. */
export function flagOf(name: string): string {
  return /--[\w-]+/.exec(OPTIONS[name as OptionName].flags)![0];
}
