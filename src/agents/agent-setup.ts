import type { Places } from './places.ts';

/** Where hooks are set up: for everything the person does, or for one project only. */
export type SetupScope =
  | { readonly kind: 'global' }
  | { readonly kind: 'project'; readonly folder: string };

/** How an agent is told to call our hook. Everything here is text in, text out; files are the command's business. */
export interface AgentSetup {
  /** The agent's program, asked for its version by `--version`; absent where that does not matter. */
  readonly program?: string;
  /** What is set up where the program does not answer, as a clause. */
  readonly withoutVersion?: string;
  /** The settings file of a scope. */
  file(scope: SetupScope, places: Places): string;
  /**
   * The file's text with our hooks in it; the same text where they are there already. `text` is undefined where there
   * is no file. `version` is what the program answered. Throws `unreadable_input` where the text is not understood.
   */
  install(
    text: string | undefined,
    command: (event: string) => string,
    version: string | undefined,
  ): string;
  /** The file's text without our hooks; undefined where nothing else was in it and the file is ours to delete. */
  remove(text: string): string | undefined;
  /** What the person has to know or do afterwards. */
  readonly notes?: readonly string[];
}

const OURS = /(?:agent-strace|cli\.cjs)["']?(?:\.cmd)? hook --agent [a-z-]+ \w+/;

/** True for a command line that `setup` wrote. */
export function isOurCommand(command: unknown): boolean {
  return typeof command === 'string' && OURS.test(command);
}

/** Compares versions of three numbers. */
export function isAtLeast(version: string, wanted: string): boolean {
  const numbers = (text: string) => text.split('.').map(Number);
  const [have, need] = [numbers(version), numbers(wanted)];
  for (let at = 0; at < 3; at++) {
    const difference = (have[at] ?? 0) - (need[at] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return true;
}
