/**
 * Most values in a JSON text that is parsed at once. In memory, a value takes up to about 170 bytes however short it is
 * written, so that limits on bytes alone would let 60 MB of empty objects take 2 GB. Recordings have a value in 150
 * bytes of text or more.
 */
export const MOST_VALUES = 4_000_000;
/** What a report says of a text with more values. */
export const TOO_MANY_VALUES = 'more than 4 million values';

const QUOTE = 34;
const COMMA = 44;
const BACKSLASH = 92;
const LIST = 91;
const OBJECT = 123;

/** Whether a JSON text has more than {@link MOST_VALUES} values. Takes no time for one that is too short for that. */
export function hasTooManyValues(json: string): boolean {
  return json.length > MOST_VALUES && valueCount(json) > MOST_VALUES;
}

/**
 * About the number of values in a JSON text, valid or not: its commas, and the brackets that open. Stops counting above
 * {@link MOST_VALUES}.
 */
export function valueCount(json: string): number {
  let count = 0;
  for (let at = 0; at < json.length && count <= MOST_VALUES; at++) {
    const code = json.charCodeAt(at);
    if (code === QUOTE) at = endOfString(json, at);
    else if (code === COMMA || code === LIST || code === OBJECT) count++;
  }
  return count;
}

/** Position of the quote that ends the string which begins at `start`; the length of the text if it does not end. */
function endOfString(json: string, start: number): number {
  for (let end = json.indexOf('"', start + 1); end !== -1; end = json.indexOf('"', end + 1)) {
    let before = end;
    while (json.charCodeAt(before - 1) === BACKSLASH) before--;
    if ((end - before) % 2 === 0) return end;
  }
  return json.length;
}
