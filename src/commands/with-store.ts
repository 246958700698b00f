import { storePath } from '../store/location.ts';
import { explainStoreFailure, openStore, type Store } from '../store/open-store.ts';
import type { CommandContext } from './command.ts';

/** Runs something with the existing store, closes it, and puts failures of SQLite into words. */
export async function withStore<Result>(
  { options, env }: CommandContext,
  run: (store: Store) => Result | Promise<Result>,
): Promise<Result> {
  const path = storePath(options['db'] as string | undefined, env);
  const store = openStore({ path, mode: 'read' });
  try {
    return await run(store);
  } catch (error) {
    throw explainStoreFailure(error, path);
  } finally {
    store.close();
  }
}
