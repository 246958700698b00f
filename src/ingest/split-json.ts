import { hasTooManyValues, MOST_VALUES, TOO_MANY_VALUES, valueCount } from '../value-count.ts';

/** One JSON object from a line: its value and the text it was parsed from. */
export interface JsonPiece {
  readonly value: unknown;
  readonly text: string;
}

export type SplitResult =
  | { readonly ok: true; readonly pieces: readonly JsonPiece[] }
  /** Part of the line could not be parsed; `pieces` holds what could. */
  | { readonly ok: false; readonly pieces: readonly JsonPiece[]; readonly reason: string };

/** Parses a line of one JSON value, or of several written without a line end between them. Linear time. */
export function splitJson(line: string): SplitResult {
  if (hasTooManyValues(line)) return { ok: false, pieces: [], reason: TOO_MANY_VALUES };
  try {
    return { ok: true, pieces: [{ value: JSON.parse(line), text: line }] };
  } catch {
    return splitGlued(line);
  }
}

function splitGlued(line: string): SplitResult {
  const pieces: JsonPiece[] = [];
  let from = 0;
  while (from < line.length) {
    const end = endOfObject(line, from);
    const piece = end === -1 ? undefined : pieceOf(line.slice(from, end).trim());
    if (piece === undefined) break;
    pieces.push(piece);
    from = end;
  }
  if (line.slice(from).trim() === '') return { ok: true, pieces };
  return { ok: false, pieces: [...pieces, ...wholeAtEnd(line, from)], reason: 'not valid JSON' };
}

function pieceOf(text: string): JsonPiece | undefined {
  try {
    return { value: JSON.parse(text), text };
  } catch {
    return undefined;
  }
}

/**
 * The complete objects at the end of a line, after something broken at `from`: a killed writer leaves a line without
 * its end, and the next writer appends to it. Read backwards, because after a cut inside a string, strings and the rest
 * are swapped.
 */
function wholeAtEnd(line: string, from: number): JsonPiece[] {
  const pieces: JsonPiece[] = [];
  let end = line.length;
  // Counted again: with strings and the rest swapped, the line seemed to have few values.
  let values = 0;
  while (end > from) {
    const start = startOfObject(line, from, end);
    const text = start === -1 ? '' : line.slice(start, end).trim();
    values += valueCount(text);
    const piece = values > MOST_VALUES ? undefined : pieceOf(text);
    if (piece === undefined || isPart(line, from, start) || piece.text.length < LEAST) break;
    pieces.push(piece);
    end = start;
  }
  return pieces.reverse();
}

/**
 * An empty object may be code inside a string that was cut; in any other object, the string's quotes would be escaped.
 */
const LEAST = '{"":0}'.length;

/** Whether the text before an object shows that it is part of another object that was cut. */
function isPart(line: string, from: number, start: number): boolean {
  let at = start - 1;
  while (at >= from && line.charCodeAt(at) === SPACE) at--;
  return at >= from && ':,['.includes(line.charAt(at));
}

const SPACE = 32;
const QUOTE = 34;
const BACKSLASH = 92;
const OPEN = 123;
const CLOSE = 125;

/** Position after the object that begins at or after `from`; -1 if it does not end. */
function endOfObject(line: string, from: number): number {
  let depth = 0;
  let inString = false;
  for (let at = from; at < line.length; at++) {
    const code = line.charCodeAt(at);
    if (inString) {
      if (code === BACKSLASH) at++;
      else if (code === QUOTE) inString = false;
    } else if (code === QUOTE) inString = true;
    else if (code === OPEN) depth++;
    else if (code === CLOSE && --depth <= 0) return at + 1;
  }
  return -1;
}

/** Position of the bracket that opens the object ending right before `end`; -1 if it is not at `from` or later. */
function startOfObject(line: string, from: number, end: number): number {
  let depth = 0;
  let inString = false;
  for (let at = end - 1; at >= from; at--) {
    const code = line.charCodeAt(at);
    if (code === QUOTE) {
      let before = at;
      while (before > from && line.charCodeAt(before - 1) === BACKSLASH) before--;
      if ((at - before) % 2 === 0) inString = !inString;
      at = before;
    } else if (inString) continue;
    else if (code === CLOSE) depth++;
    else if (code === OPEN && --depth <= 0) return depth === 0 ? at : -1;
    else if (depth === 0 && code > SPACE) return -1;
  }
  return -1;
}
