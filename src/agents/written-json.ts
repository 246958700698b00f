/** A value still to be written, or text that comes before or after one. */
type Waiting = { readonly text: string } | { readonly value: unknown };

/** Serialises a JSON value of any depth; a few thousand levels are too many for `JSON.stringify`. */
export function writtenJson(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch (error) {
    // A RangeError means that the stack overflowed.
    if (!(error instanceof RangeError)) throw error;
    return writtenByPieces(value);
  }
}

function writtenByPieces(root: unknown): string {
  const pieces: string[] = [];
  const waiting: Waiting[] = [{ value: root }];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if ('text' in next) pieces.push(next.text);
    else if (typeof next.value !== 'object' || next.value === null)
      pieces.push(JSON.stringify(next.value) ?? 'null');
    else open(next.value, pieces, waiting);
  }
  return pieces.join('');
}

/** Writes the start of an object or list; its items wait, the first on top. */
function open(value: object, pieces: string[], waiting: Waiting[]): void {
  const isList = Array.isArray(value);
  pieces.push(isList ? '[' : '{');
  waiting.push({ text: isList ? ']' : '}' });
  const members = Object.entries(value as Record<string, unknown>);
  for (let at = members.length - 1; at >= 0; at--) {
    const [name, member] = members[at]!;
    waiting.push({ value: member });
    waiting.push({ text: `${at > 0 ? ',' : ''}${isList ? '' : `${JSON.stringify(name)}:`}` });
  }
}
