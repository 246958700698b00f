import type { Command } from 'commander';
import { createProgram } from '../../src/program.ts';

/** One command as a person types it, without the program's name: `baseline check`. */
export interface NamedCommand {
  readonly name: string;
  readonly summary: string;
  readonly help: string;
  /** It only groups others. */
  readonly isGroup: boolean;
}

function below(parent: Command, prefix: string): NamedCommand[] {
  return parent.commands.flatMap((command) => {
    const name = `${prefix}${command.name()}`;
    const nested = below(command, `${name} `);
    const isGroup = nested.length > 0 && command.registeredArguments.length === 0;
    return [{ name, summary: command.description(), help: helpOf(command), isGroup }, ...nested];
  });
}

function helpOf(command: Command): string {
  let text = '';
  command.configureOutput({
    writeOut: (part) => {
      text += part;
    },
  });
  command.outputHelp();
  return text.trimEnd();
}

/** Every command and subcommand in the order of help. */
export function namedCommands(): NamedCommand[] {
  return below(
    createProgram(async () => undefined),
    '',
  );
}

/** Help of the program itself. */
export function programHelp(): string {
  return helpOf(createProgram(async () => undefined));
}
