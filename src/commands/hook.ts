import { EXIT } from '../errors.ts';
import { runHook } from '../hook.ts';
import type { CommandContext } from './command.ts';

/** `agent-strace hook [event]` if the launcher did not run it: silent, always exit 0. */
export async function run(context: CommandContext): Promise<number> {
  const { agent, db } = context.options;
  const words = [...named('--agent', agent), ...named('--db', db)];
  const event = context.args[0];
  runHook(typeof event === 'string' ? [...words, event] : words);
  return EXIT.done;
}

function named(flag: string, value: unknown): string[] {
  return typeof value === 'string' ? [flag, value] : [];
}
