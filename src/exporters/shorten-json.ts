import { beside, fits, halfOf, type TextLimit, tightest } from './text-limit.ts';

/** Longer texts are not parsed, because that would cost more than their beginning is worth. */
const MAX_PARSED = 4_000_000;
/** Strings in a document are not cut shorter than this. */
const SHORTEST_LEAF = 16;
/** Limit for strings in a document of which only the beginning is kept. */
const LEAF_OF_BEGINNING: TextLimit = { characters: 64, bytes: Number.POSITIVE_INFINITY };

/** More deeply nested documents are not cut inside, because finding a place would cost more than it is worth. */
const DEEPEST_MARK = 64;

/**
 * Strings, punctuation and everything else but the white space between them. Linear, because the alternatives start
 * with different characters.
 */
const TOKEN = /"(?:[^"\\]|\\.)*"|[[\]{},:]|[^\s"[\]{},:]+/g;

type CutText = (text: string, most: TextLimit) => string;

/** True for the text of an object or array that is short enough to be parsed. */
export function isJsonDocument(text: string): boolean {
  if (text.length > MAX_PARSED) return false;
  if (!/^\s{0,8}[[{]/.test(text) || !/[\]}]\s{0,8}$/.test(text.slice(-9))) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/**
 * Shortens a JSON document to `most` and keeps it valid JSON: cuts its longest strings with `cutText`, all to the same
 * length. Everything else stays as it was written, because parsing does not preserve numbers. Undefined when cutting
 * strings is not enough.
 */
export function shortenJson(
  document: string,
  most: TextLimit,
  cutText: CutText,
): string | undefined {
  for (let leaf = most; tightest(leaf) >= SHORTEST_LEAF; leaf = halfOf(leaf)) {
    const short = withShortStrings(document, leaf, most, cutText);
    if (short !== undefined) return short;
  }
  return undefined;
}

function withShortStrings(
  document: string,
  leaf: TextLimit,
  most: TextLimit,
  cutText: CutText,
): string | undefined {
  let out = '';
  let room = most;
  for (const { text, isKey } of tokensOf(document)) {
    const piece = isKey ? text : shortString(text, leaf, cutText);
    out += piece;
    room = beside(room, piece);
    if (tightest(room) < 0) return undefined;
  }
  return out;
}

/**
 * The beginning of a JSON document, as JSON of at most `most`: as many members and elements as fit, then `marker` in
 * place of the rest. Undefined when none fit.
 */
export function beginningOfJson(
  document: string,
  most: TextLimit,
  marker: string,
  cutText: CutText,
): string | undefined {
  let out = '';
  let room = most;
  let best: string | undefined;
  const open: ('[' | '{')[] = [];
  // Looking at the end of `out` would copy all of it, for every token.
  const ended = (last: string) => {
    const inside = open.at(-1);
    if (inside === undefined || open.length > DEEPEST_MARK) return;
    const comma = last === inside ? '' : ',';
    const mark = inside === '[' ? JSON.stringify(marker) : `"…":${JSON.stringify(marker)}`;
    const closing = open
      .map((sign) => (sign === '[' ? ']' : '}'))
      .reverse()
      .join('');
    const end = comma + mark + closing;
    if (fits(end, room)) best = out + end;
  };
  for (const { text, isKey } of tokensOf(document)) {
    const piece = isKey ? text : shortString(text, LEAF_OF_BEGINNING, cutText);
    out += piece;
    room = beside(room, piece);
    if (tightest(room) < 0) break;
    if (text === '[' || text === '{') open.push(text);
    else if (text === ']' || text === '}') open.pop();
    if (!isKey && text !== ',' && text !== ':') ended(text);
  }
  return best;
}

/** The tokens of a document, without the white space between them. */
function* tokensOf(document: string): Generator<{ text: string; isKey: boolean }> {
  let held: string | undefined;
  for (const [text] of document.matchAll(TOKEN)) {
    if (held !== undefined) yield { text: held, isKey: text === ':' };
    held = text;
  }
  if (held !== undefined) yield { text: held, isKey: false };
}

function shortString(token: string, leaf: TextLimit, cutText: CutText): string {
  if (!token.startsWith('"') || fits(token, leaf)) return token;
  const text = JSON.parse(token) as string;
  return fits(text, leaf) ? token : JSON.stringify(cutText(text, leaf));
}
