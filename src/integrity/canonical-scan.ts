/** The text is not canonical JSON, or contains something that only a full parse can judge. */
export const NOT_CANONICAL = -1;
/** The text ends before the value does. */
export const CUT_SHORT = -2;

const QUOTE = 0x22;
const COMMA = 0x2c;
const MINUS = 0x2d;
const ZERO = 0x30;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
const SHORT_ESCAPES = new Set([...'"\\bfnrt'].map((letter) => letter.charCodeAt(0)));
/** Control characters without a short escape, in their only canonical form. */
const LONG_ESCAPE = /\\u00(?:0[0-7bef]|1[0-9a-f])/y;
const LONG_ESCAPE_LENGTH = 6;
const LITERALS = ['true', 'false'] as const;

/**
 * Checks that a well-formed text holds, from `at` on, a value exactly as `canonicalJson` writes it: no white space,
 * keys in order and without escapes, safe integers, shortest escapes, no null. `JSON.parse` reads such a text
 * unambiguously. Returns the end of the value, {@link NOT_CANONICAL} or {@link CUT_SHORT}. `depth` limits the nesting
 * of containers; if the value is an object, `members` receives the start of the key and the start and end of the value
 * of each member.
 */
export function scanCanonical(text: string, at: number, depth: number, members?: number[]): number {
  if (at >= text.length) return CUT_SHORT;
  const first = text.charCodeAt(at);
  if (first === QUOTE) return scanString(text, at + 1);
  if (first === 0x7b) return depth > 0 ? scanObject(text, at + 1, depth, members) : NOT_CANONICAL;
  if (first === 0x5b) return depth > 0 ? scanArray(text, at + 1, depth) : NOT_CANONICAL;
  if (first === MINUS || isDigit(first)) return scanInteger(text, at);
  return scanLiteral(text, at);
}

function scanObject(text: string, start: number, depth: number, members?: number[]): number {
  if (text.charCodeAt(start) === 0x7d) return start + 1;
  let previous = 0;
  let previousEnd = -1;
  for (let at = start; ; at += 1) {
    if (at >= text.length) return CUT_SHORT;
    if (text.charCodeAt(at) !== QUOTE) return NOT_CANONICAL;
    const keyEnd = scanKey(text, at + 1);
    if (keyEnd < 0) return keyEnd;
    if (previousEnd >= 0 && !precedes(text, previous, previousEnd, at + 1, keyEnd)) {
      return NOT_CANONICAL;
    }
    previous = at + 1;
    previousEnd = keyEnd;
    if (keyEnd + 1 >= text.length) return CUT_SHORT;
    if (text.charCodeAt(keyEnd + 1) !== COLON) return NOT_CANONICAL;
    const end = scanCanonical(text, keyEnd + 2, depth - 1);
    if (end < 0) return end;
    members?.push(at, keyEnd + 2, end);
    at = end;
    if (at >= text.length) return CUT_SHORT;
    const next = text.charCodeAt(at);
    if (next === 0x7d) return at + 1;
    if (next !== COMMA) return NOT_CANONICAL;
  }
}

function scanArray(text: string, start: number, depth: number): number {
  if (text.charCodeAt(start) === 0x5d) return start + 1;
  for (let at = start; ; at += 1) {
    at = scanCanonical(text, at, depth - 1);
    if (at < 0) return at;
    if (at >= text.length) return CUT_SHORT;
    const next = text.charCodeAt(at);
    if (next === 0x5d) return at + 1;
    if (next !== COMMA) return NOT_CANONICAL;
  }
}

/**
 * Position of the closing quote of a key. Keys with escapes are refused, because they would have to be decoded to be
 * compared.
 */
function scanKey(text: string, start: number): number {
  for (let at = start; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) return at;
    if (code === BACKSLASH || code < 0x20) return NOT_CANONICAL;
  }
  return CUT_SHORT;
}

function scanString(text: string, start: number): number {
  const { length } = text;
  for (let at = start; at < length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) return at + 1;
    if (code < 0x20) return NOT_CANONICAL;
    if (code !== BACKSLASH) continue;
    const end = escapeEnd(text, at);
    if (end < 0) return end;
    at = end - 1;
  }
  return CUT_SHORT;
}

function escapeEnd(text: string, at: number): number {
  if (SHORT_ESCAPES.has(text.charCodeAt(at + 1))) return at + 2;
  if (at + LONG_ESCAPE_LENGTH > text.length) return CUT_SHORT;
  LONG_ESCAPE.lastIndex = at;
  return LONG_ESCAPE.test(text) ? at + LONG_ESCAPE_LENGTH : NOT_CANONICAL;
}

function scanInteger(text: string, start: number): number {
  const digits = text.charCodeAt(start) === MINUS ? start + 1 : start;
  let end = digits;
  while (end < text.length && isDigit(text.charCodeAt(end))) end += 1;
  if (end === text.length) return CUT_SHORT;
  const count = end - digits;
  if (count === 0 || count > 16) return NOT_CANONICAL;
  if (text.charCodeAt(digits) === ZERO && (count > 1 || digits > start)) return NOT_CANONICAL;
  // What follows must end the value, or `1.0` would pass as `1`; callers accept only a comma or a bracket.
  if (count < 16 || Number.isSafeInteger(Number(text.slice(start, end)))) return end;
  return NOT_CANONICAL;
}

function scanLiteral(text: string, at: number): number {
  for (const literal of LITERALS) {
    if (text.startsWith(literal, at)) return at + literal.length;
  }
  return text.length - at < LITERALS[1].length ? CUT_SHORT : NOT_CANONICAL;
}

/** True when the key at `a` sorts before the one at `b` by UTF-16 code units. */
function precedes(text: string, a: number, aEnd: number, b: number, bEnd: number): boolean {
  const shorter = Math.min(aEnd - a, bEnd - b);
  for (let index = 0; index < shorter; index += 1) {
    const difference = text.charCodeAt(a + index) - text.charCodeAt(b + index);
    if (difference !== 0) return difference < 0;
  }
  return aEnd - a < bEnd - b;
}

function isDigit(code: number): boolean {
  return code >= ZERO && code <= 0x39;
}
