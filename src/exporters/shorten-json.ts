import { beside, fits, halfOf, type TextLimit, tightest } from './text-limit.ts';

/** Longer texts are not taken apart: reading them would cost more than their beginning is worth. */
const MAX_PARSED = 4_000_000;
/** A string inside is not cut to less than this. */
const SHORTEST_LEAF = 16;
/** Strings in a document of which only the beginning is kept are cut to this. */
const LEAF_OF_BEGINNING: TextLimit = { characters: 64, bytes: Number.POSITIVE_INFINITY };

/** Documents that are nested deeper are not cut inside: looking for a place would cost more than it is worth. */
const DEEPEST_MARK = 64;

/** Strings, signs and everything else that is not space between them. Linear: each begins with another character. */
const TOKEN = /"(?:[^"\\]|\\.)*"|[[\]{},:]|[^\s"[\]{},:]+/g;

type CutText = (text: string, most: TextLimit) => string;

/** True for the text of an object or an array that is short enough to be looked at. */
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
 * A JSON document of at most `most` that is still JSON: its longest strings are cut with `cutText`, all of them equally. Whatever is not cut stands there as it was written, because numbers do not survive being read. Undefined
 * where cutting strings is not enough.
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
 * The beginning of a JSON document as JSON of at most `most`: as many members and elements as there is room
 * for, and in their place `marker`. Undefined where there is no room for any.
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

/** The tokens of a document, without the space between them. */
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
