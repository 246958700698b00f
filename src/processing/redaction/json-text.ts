/** Changes a JSON token; `key` is the object key or flag to which the token belongs, undefined for a key itself. */
export type ReplaceToken = (token: string, key: string | undefined) => string;

/**
 * Walks over the string and number tokens of JSON text (one or several values, the last one possibly truncated) and
 * lets `replace` change them, leaving every byte between them alone. A changed number becomes a string. Returns
 * undefined if the text is not JSON.
 */
export function replaceInJson(text: string, replace: ReplaceToken): string | undefined {
  const keys: (string | undefined)[] = [];
  let key: string | undefined;
  /** The name that the current object gives to the value that follows: `{"name": "API_TOKEN", "value": …}`. */
  let named: string | undefined;
  /** The preceding flag in a list of words: `["--password", …]`. */
  let flag: string | undefined;
  let result = '';
  let done = 0;
  let at = 0;
  while (at < text.length) {
    const first = text.charCodeAt(at);
    const end = endOfToken(text, at, first);
    if (end < 0) return undefined;
    if (first === OPEN_BRACE || first === OPEN_BRACKET) {
      if (keys.length < MAX_DEPTH) keys.push(first === OPEN_BRACKET ? key : undefined);
      if (first === OPEN_BRACE) key = undefined;
      named = undefined;
      flag = undefined;
    } else if (first === CLOSE_BRACE || first === CLOSE_BRACKET) {
      keys.pop();
      key = keys.at(-1);
      named = undefined;
      flag = undefined;
    } else if (first === COMMA) {
      key = keys.at(-1);
    } else if (first === QUOTE || first === MINUS || isDigit(first)) {
      const raw = text.slice(at, end);
      const value = first === QUOTE ? decode(raw) : raw;
      const isKey = first === QUOTE && colonFollows(text, end);
      const telling = named !== undefined && key !== undefined && VALUE_KEY.test(key) ? named : key;
      const owner = value.startsWith('-') ? telling : (flag ?? telling);
      const replaced = replace(value, isKey ? undefined : owner);
      flag = isKey ? undefined : FLAG.exec(value)?.[1];
      if (isKey) key = value;
      else if (key !== undefined && NAME_KEY.test(key)) named = value;
      if (replaced !== value) {
        result += text.slice(done, at) + JSON.stringify(replaced);
        done = end;
      }
    }
    at = end;
  }
  return done === 0 ? text : result + text.slice(done);
}

const QUOTE = 34;
const COMMA = 44;
const MINUS = 45;
const COLON = 58;
const OPEN_BRACKET = 91;
const BACKSLASH = 92;
const CLOSE_BRACKET = 93;
const OPEN_BRACE = 123;
const CLOSE_BRACE = 125;
/** Deeper nesting only loses the key of the enclosing array. */
const MAX_DEPTH = 1000;

const NAME_KEY = /^(?:name|key|variable)$/i;
const VALUE_KEY = /^value$/i;
const FLAG = /^--([a-z][\w-]{1,60})$/i;
const NUMBER = /-?\d[\d.eE+-]*/y;
const GAP = /[\s:]+|true|false|null/y;

const isDigit = (code: number): boolean => code >= 48 && code <= 57;

/** Where the token that begins at `at` ends; -1 if JSON has no such token. */
function endOfToken(text: string, at: number, first: number): number {
  if (first === QUOTE) return endOfString(text, at);
  if (
    first === OPEN_BRACE ||
    first === CLOSE_BRACE ||
    first === OPEN_BRACKET ||
    first === CLOSE_BRACKET ||
    first === COMMA
  )
    return at + 1;
  const pattern = first === MINUS || isDigit(first) ? NUMBER : GAP;
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : -1;
}

/** The position after the closing quote; the end of the text for a truncated string. */
function endOfString(text: string, at: number): number {
  for (let quote = text.indexOf('"', at + 1); quote >= 0; quote = text.indexOf('"', quote + 1)) {
    let slashes = 0;
    while (text.charCodeAt(quote - 1 - slashes) === BACKSLASH) slashes++;
    if (slashes % 2 === 0) return quote + 1;
  }
  return text.length;
}

function colonFollows(text: string, end: number): boolean {
  let at = end;
  while (at < text.length && at - end < 64 && text.charCodeAt(at) <= 32) at++;
  return text.charCodeAt(at) === COLON;
}

function decode(raw: string): string {
  const closed = raw.length > 1 && raw.endsWith('"');
  if (closed && !raw.includes('\\')) return raw.slice(1, -1);
  try {
    return String(JSON.parse(raw));
  } catch {
    return closed ? raw.slice(1, -1) : raw.slice(1);
  }
}
