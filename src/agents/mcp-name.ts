/** Server and tool in a name of the form `mcp__server__tool`; undefined for other names. */
export function mcpParts(name: string): { server: string; tool: string } | undefined {
  const cut = name.startsWith('mcp__') ? name.indexOf('__', 5) : -1;
  return cut === -1 ? undefined : { server: name.slice(5, cut), tool: name.slice(cut + 2) };
}
