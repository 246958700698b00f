import { AgentStraceError } from '../errors.ts';

/** `key=value` flags as a record; values stay text. Throws `usage` naming the flag. */
export function keyValues(flag: string, entries: unknown): Record<string, string> {
  const values: Record<string, string> = {};
  for (const entry of (entries as readonly string[] | undefined) ?? []) {
    const cut = entry.indexOf('=');
    if (cut <= 0)
      throw new AgentStraceError('usage', `${flag} ${JSON.stringify(entry)}: key=value is needed`);
    const key = entry.slice(0, cut).trim();
    // An object would lose it.
    if (key === '__proto__')
      throw new AgentStraceError('usage', `${flag} __proto__=…: it cannot be a key; use another`);
    values[key] = entry.slice(cut + 1);
  }
  return values;
}
