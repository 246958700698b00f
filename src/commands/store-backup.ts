import { closeSync, existsSync, openSync, renameSync, rmSync } from 'node:fs';
import { AgentStraceError, EXIT, messageOf } from '../errors.ts';
import type { Store } from '../store/open-store.ts';
import type { CommandContext } from './command.ts';
import { withStore } from './with-store.ts';

/** `agent-strace store backup <file>`: a consistent copy while others go on writing. */
export async function run(context: CommandContext): Promise<number> {
  const target = context.args[0] as string;
  if (existsSync(target))
    throw new AgentStraceError('usage', `${target} exists already; it was left as it is`);
  await withStore(context, (store) => backUp(store, target));
  context.say(
    `the store was copied to ${target}; it holds everything that was recorded, so keep it as private as the store`,
  );
  return EXIT.done;
}

async function backUp(store: Store, target: string): Promise<void> {
  const unfinished = `${target}.unfinished`;
  try {
    closeSync(openSync(unfinished, 'w', 0o600));
    await store.database.backup(unfinished);
    renameSync(unfinished, target);
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? messageOf(error);
    throw new AgentStraceError('output_failed', `cannot write ${target}: ${reason}`, {
      cause: error,
    });
  } finally {
    rmSync(unfinished, { force: true });
  }
}
