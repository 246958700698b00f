import type { Agent } from '../../agents/agent.ts';
import type { AgentSetup, SetupScope } from '../../agents/agent-setup.ts';
import type { Places } from '../../agents/places.ts';
import { readSettings } from '../configuration/settings-file.ts';

export type HooksState = 'installed' | 'not installed' | 'not understood' | 'not supported';

export interface FoundHooks {
  readonly state: HooksState;
  /** The settings file that contains the hooks, or would contain them. */
  readonly file: string | undefined;
  readonly scope: SetupScope['kind'] | undefined;
}

/** Whether an agent calls our hook, globally or in this folder: whether `setup --remove` would remove anything. */
export function hooksOf(agent: Agent, where: Places, folder: string): FoundHooks {
  const { setup } = agent;
  if (setup === undefined) return { state: 'not supported', file: undefined, scope: undefined };
  const scopes: SetupScope[] = [{ kind: 'global' }, { kind: 'project', folder }];
  const found = scopes.map((scope) => hooksIn(setup, scope, where));
  return (
    found.find(({ state }) => state === 'installed') ??
    found.find(({ state }) => state === 'not understood') ??
    found[0]!
  );
}

function hooksIn(setup: AgentSetup, scope: SetupScope, where: Places): FoundHooks {
  const found = { file: setup.file(scope, where), scope: scope.kind };
  try {
    const { text } = readSettings(found.file);
    const installed = text !== undefined && setup.remove(text) !== text;
    return { ...found, state: installed ? 'installed' : 'not installed' };
  } catch {
    return { ...found, state: 'not understood' };
  }
}
