import { AgentStraceError, EXIT } from '../errors.ts';
import { removeBaseline } from '../store/baselines.ts';
import { storePath } from '../store/location.ts';
import { explainStoreFailure, openStore } from '../store/open-store.ts';
import { baselineName } from './baseline-source.ts';
import type { CommandContext } from './command.ts';

/** `agent-strace baseline reset`: deletes a baseline; exit 2 if there is none of that name. */
export async function run(context: CommandContext): Promise<number> {
  const name = baselineName(context);
  const store = openStore({
    path: storePath(context.options['db'] as string | undefined, context.env),
    mode: 'read',
  });
  try {
    if (!removeBaseline(store, name))
      throw new AgentStraceError('no_baseline', `there is no baseline ${JSON.stringify(name)}`);
    context.say(
      `baseline ${JSON.stringify(name)} deleted; "agent-strace baseline update" makes a new one`,
    );
    return EXIT.done;
  } catch (error) {
    throw explainStoreFailure(error, store.path);
  } finally {
    store.close();
  }
}
