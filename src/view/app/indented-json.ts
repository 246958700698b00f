/** Strings, brackets and separators, and what stands between them: numbers and words. */
const TOKENS = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\],:]|[^\s"{}[\],:]+/g;
/** Deeper levels are drawn at this one: the space before their lines would grow with the square of the text. */
const DEEPEST = 40;

/**
 * Valid JSON text with a line for each member. Everything but white space stays as it is: parsing and writing anew
 * would round large numbers, reorder or drop members, and turn harmless escapes into the characters they stand for.
 */
export function indentedJson(text: string): string {
  let depth = 0;
  let opened = false;
  const line = (): string => `\n${'  '.repeat(Math.min(DEEPEST, depth))}`;
  const pieces: string[] = [];
  for (const [token] of text.matchAll(TOKENS)) {
    const closes = token === '}' || token === ']';
    if (closes) depth--;
    if (opened !== closes) pieces.push(line());
    pieces.push(token);
    opened = token === '{' || token === '[';
    if (opened) depth++;
    if (token === ',') pieces.push(line());
    if (token === ':') pieces.push(' ');
  }
  return pieces.join('');
}
