/** The product id that sessions carry, for an agent's name or product id. Throws `usage` if it is neither. */
export async function agentProduct(name: string | undefined): Promise<string | undefined> {
  if (name === undefined) return undefined;
  // Imported only when needed: it loads the readers of all agents.
  const { agentNamed } = await import('./agent-named.ts');
  return agentNamed(name).product;
}
