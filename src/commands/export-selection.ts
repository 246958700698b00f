import { AgentStraceError } from '../errors.ts';
import type { Store } from '../store/open-store.ts';
import { findSession, latestSession, listSessions, type RootSession } from '../store/sessions.ts';
import { agentProduct } from './agent-product.ts';
import type { CommandContext } from './command.ts';
import { filterOf } from './select-sessions.ts';

/** The root sessions a run is about: one by id, a window, all, or the latest. Oldest first, as they happened. */
export function selectedSessions(context: CommandContext, store: Store): RootSession[] {
  const named = context.args[0] as string | undefined;
  const { all, since, until, agent } = context.options;
  const window = all === true || since !== undefined || until !== undefined || agent !== undefined;
  if (named !== undefined) {
    if (window) throw new AgentStraceError('usage', 'name a session or select by --all, --since, --until, --agent, not both');
    return [findSession(store, named)];
  }
  if (!window) return [latestSession(store)];
  const filter = filterOf(context);
  return listSessions(store, { ...filter, agent: agentProduct(filter.agent) }).reverse();
}
