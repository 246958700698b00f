import type { Agent } from '../agents/agent.ts';
import { AGENTS } from '../agents/registry.ts';
import { AgentStraceError } from '../errors.ts';

/** The agents that `--agent` names, or all. Throws `usage` for a name that is none. */
export function chosenAgents(name: unknown): readonly Agent[] {
  if (typeof name !== 'string') return AGENTS;
  const chosen = AGENTS.filter((agent) => agent.name === name);
  if (chosen.length > 0) return chosen;
  throw new AgentStraceError(
    'usage',
    `--agent ${JSON.stringify(name)}: known agents are ${AGENTS.map((agent) => agent.name).join(', ')}`,
  );
}
