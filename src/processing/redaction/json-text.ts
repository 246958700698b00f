/**
 * Walks over the string and number tokens of JSON text and lets `replace` change them, without
 * touching a byte between them. `key` is the object key a token stands under. Never throws: what is
 * not JSON is passed over as it comes, cut strings included.
 */
export function replaceInJson(
  text: string,
  replace: (token: string, key: string | undefined) => string,
): string {
  const token = /"(?:[^"\\]|\\[\s\S])*(?:"|$)|-?\d[\d.eE+-]*|[[\]{},]/g;
  const keys: (string | undefined)[] = [];
  let key: string | undefined;
  let result = '';
  let done = 0;
  for (let match = token.exec(text); match !== null; match = token.exec(text)) {
    const raw = match[0];
    const first = raw.charCodeAt(0);
    if (first === OPEN_BRACE || first === OPEN_BRACKET) {
      if (keys.length < MAX_DEPTH) keys.push(first === OPEN_BRACKET ? key : undefined);
      if (first === OPEN_BRACE) key = undefined;
      continue;
    }
    if (first === CLOSE_BRACE || first === CLOSE_BRACKET) {
      keys.pop();
      key = keys.at(-1);
      continue;
    }
    if (first === COMMA) {
      key = keys.at(-1);
      continue;
    }
    const value = first === QUOTE ? decode(raw) : raw;
    const isKey =
      first === QUOTE && /\s{0,64}:/y.test(text.slice(token.lastIndex, token.lastIndex + 66));
    const replaced = replace(value, isKey ? undefined : key);
    if (isKey) key = value;
    if (replaced === value) continue;
    result += text.slice(done, match.index) + JSON.stringify(replaced);
    done = match.index + raw.length;
  }
  return done === 0 ? text : result + text.slice(done);
}

const QUOTE = 34;
const COMMA = 44;
const OPEN_BRACKET = 91;
const CLOSE_BRACKET = 93;
const OPEN_BRACE = 123;
const CLOSE_BRACE = 125;
/** Deeper nesting only loses the telling key of an array inside it. */
const MAX_DEPTH = 1000;

function decode(raw: string): string {
  if (!raw.includes('\\') && raw.endsWith('"') && raw.length > 1) return raw.slice(1, -1);
  try {
    return String(JSON.parse(raw));
  } catch {
    return raw.replace(/^"|"$/g, '');
  }
}
