/** One JSON object of a line: its value and the text it was parsed from. */
export interface JsonPiece {
  readonly value: unknown;
  readonly text: string;
}

export type SplitResult =
  | { readonly ok: true; readonly pieces: readonly JsonPiece[] }
  /** Some of the line could not be parsed; `pieces` holds what could. */
  | { readonly ok: false; readonly pieces: readonly JsonPiece[]; readonly reason: string };

/** Parses a line that holds one JSON value, or several glued together without a line end between. Linear time. */
export function splitJson(line: string): SplitResult {
  try {
    return { ok: true, pieces: [{ value: JSON.parse(line), text: line }] };
  } catch {
    return splitGlued(line);
  }
}

function splitGlued(line: string): SplitResult {
  const pieces: JsonPiece[] = [];
  let from = 0;
  let broken = false;
  while (from < line.length) {
    const end = endOfObject(line, from);
    if (end === -1) {
      if (line.slice(from).trim() !== '') broken = true;
      break;
    }
    const text = line.slice(from, end).trim();
    try {
      pieces.push({ value: JSON.parse(text), text });
    } catch {
      broken = true;
    }
    from = end;
  }
  return broken ? { ok: false, pieces, reason: 'not valid JSON' } : { ok: true, pieces };
}

const QUOTE = 34;
const BACKSLASH = 92;
const OPEN = 123;
const CLOSE = 125;

/** Position after the object that begins at or after `from`; -1 when it does not end. */
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
