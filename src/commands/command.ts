import type { OptionName, OptionValues } from './options.ts';

/** A flag with its value, as it was typed. */
export interface TypedOption {
  readonly name: string;
  readonly value: string;
  /** Name of the destination in a configuration file, where `--to` named it. */
  readonly configured?: string;
}

/** What every command gets: its arguments, its options and the two streams. */
export interface CommandContext {
  readonly args: readonly (string | readonly string[] | undefined)[];
  readonly options: OptionValues;
  /** Options in the order they were typed, because some belong to the one before them; those without a value come last. */
  readonly typed: readonly TypedOption[];
  /** The options as they are for a destination that a configuration file describes under that name. */
  readonly optionsFor: (destination: string) => OptionValues;
  readonly env: NodeJS.ProcessEnv;
  /** Messages for the person; silent under `--quiet`. */
  readonly say: (line: string) => void;
  /** Always shown: what went wrong although the command goes on. */
  readonly warn: (line: string) => void;
  /** Data. Resolves when the stream has room again; a closed pipe ends the program quietly. */
  readonly write: (text: string | Uint8Array) => void;
  /** Aborted by the first SIGINT or SIGTERM. */
  readonly signal: AbortSignal;
}

/** Loads a command's code; `run` resolves to the exit code. */
export type CommandLoader = () => Promise<{ run: (context: CommandContext) => Promise<number> }>;

/** A command: help derives from it; its code loads only when it runs. */
export interface CommandRow {
  readonly name: string;
  readonly arguments?: string;
  /** What its argument is, for help. */
  readonly meaning?: string;
  readonly summary: string;
  readonly options: readonly OptionName[];
  /** Options that are taken, to say why they cannot be had here, and not offered. */
  readonly hidden?: readonly OptionName[];
  readonly examples?: readonly string[];
  /** Absent for a command that only groups others. */
  readonly load?: CommandLoader;
  /** Commands below this one, as in `baseline check`. */
  readonly commands?: readonly CommandRow[];
}
