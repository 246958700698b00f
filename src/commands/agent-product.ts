import { AgentStraceError } from '../errors.ts';

/** The product id that sessions carry, for the agent's name or product id. Throws `usage` for neither. */
export async function agentProduct(name: string | undefined): Promise<string | undefined> {
  if (name === undefined) return undefined;
  const { AGENTS } = await import('../agents/registry.ts');
  const agent = AGENTS.find((candidate) => candidate.name === name || candidate.product === name);
  if (agent === undefined) {
    throw new AgentStraceError(
      'usage',
      `--agent ${JSON.stringify(name)}: known agents are ${AGENTS.map((known) => known.name).join(', ')}`,
    );
  }
  return agent.product;
}
