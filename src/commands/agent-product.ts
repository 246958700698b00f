/** The product id that sessions carry, for the agent's name or product id. Throws `usage` for neither. */
export async function agentProduct(name: string | undefined): Promise<string | undefined> {
  if (name === undefined) return undefined;
  // Loaded where it is asked for: the readers of all agents come with it.
  const { agentNamed } = await import('./agent-named.ts');
  return agentNamed(name).product;
}
