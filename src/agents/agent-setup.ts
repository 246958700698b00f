import type { Places } from './places.ts';

/** Where hooks are set up: for everything the user does, or for one project only. */
export type SetupScope =
  | { readonly kind: 'global' }
  | { readonly kind: 'project'; readonly folder: string };

/** How to make an agent call our hook. Takes text and returns text; the command handles the files. */
export interface AgentSetup {
  /** The agent's program, which is asked for its version with `--version`; absent if the version does not matter. */
  readonly program?: string;
  /** What is set up if the program does not answer, as a clause. */
  readonly withoutVersion?: string;
  /** The settings file of a scope. */
  file(scope: SetupScope, places: Places): string;
  /**
   * The file's text with our hooks in it; unchanged if they are already there. `text` is undefined if there is no file.
   * `version` is what the program answered. Throws `unreadable_input` if the text is not understood.
   */
  install(
    text: string | undefined,
    command: (event: string) => string,
    version: string | undefined,
  ): string;
  /** The file's text without our hooks; undefined if nothing else was in it and the file is ours to delete. */
  remove(text: string): string | undefined;
  /** What the user has to know or do afterwards. */
  readonly notes?: readonly string[];
}

const OURS = /(?:agent-strace|cli\.cjs)["']?(?:\.cmd)? hook --agent [a-z-]+ \w+/;

/** Whether `setup` wrote this command line. */
export function isOurCommand(command: unknown): boolean {
  return typeof command === 'string' && OURS.test(command);
}

/** Compares versions of three numbers each. */
export function isAtLeast(version: string, wanted: string): boolean {
  const numbers = (text: string) => text.split('.').map(Number);
  const [have, need] = [numbers(version), numbers(wanted)];
  for (let at = 0; at < 3; at++) {
    const difference = (have[at] ?? 0) - (need[at] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return true;
}
