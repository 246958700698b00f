import { PROFILE_FORMATS } from '../baseline/render/profile.ts';
import { EXIT } from '../errors.ts';
import { storePath } from '../store/location.ts';
import { explainStoreFailure, openStore } from '../store/open-store.ts';
import { baselineFile, baselineName, baselineOfFile, baselineOfStore } from './baseline-source.ts';
import type { CommandContext } from './command.ts';

/** `agent-strace baseline show`: the numbers of a baseline from the store or from a file. */
export async function run(context: CommandContext): Promise<number> {
  const file = baselineFile(context);
  const baseline = file === undefined ? ofStore(context) : baselineOfFile(file);
  const format = (context.options['format'] as keyof typeof PROFILE_FORMATS | undefined) ?? 'text';
  context.write(PROFILE_FORMATS[format](baseline));
  return EXIT.done;
}

function ofStore(context: CommandContext) {
  const store = openStore({
    path: storePath(context.options['db'] as string | undefined, context.env),
    mode: 'read',
  });
  try {
    return baselineOfStore(store, baselineName(context));
  } catch (error) {
    throw explainStoreFailure(error, store.path);
  } finally {
    store.close();
  }
}
