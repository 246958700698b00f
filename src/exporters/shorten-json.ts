/** Longer texts are not taken apart: reading them would cost more than their beginning is worth. */
const MAX_PARSED = 4_000_000;
/** A string inside is not cut to less than this; then the value goes as a whole. */
const SHORTEST_LEAF = 16;

/**
 * JSON text of at most `most` UTF-16 units that is still JSON: its longest strings are cut with `cutText`, all of
 * them equally. Undefined where the text is not JSON, or where cutting its strings is not enough.
 */
export function shortenJson(
  text: string,
  most: number,
  cutText: (text: string, most: number) => string,
): string | undefined {
  const value = text.length > MAX_PARSED ? undefined : parsed(text);
  if (typeof value !== 'object' || value === null) return undefined;
  for (let leaf = most; leaf >= SHORTEST_LEAF; leaf = Math.floor(leaf / 2)) {
    const short = written(value, leaf, cutText);
    if (short !== undefined && short.length <= most) return short;
  }
  return undefined;
}

/** Looks like an object or an array, whether or not it is one. */
export function looksLikeJson(text: string): boolean {
  return /^\s{0,8}[[{]/.test(text) && /[\]}]\s{0,8}$/.test(text.slice(-9));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function written(
  value: unknown,
  leaf: number,
  cutText: (text: string, most: number) => string,
): string | undefined {
  try {
    return JSON.stringify(value, (_key, inner: unknown) =>
      typeof inner === 'string' && inner.length > leaf ? cutText(inner, leaf) : inner,
    );
  } catch {
    // Nested too deep to be written again.
    return undefined;
  }
}
