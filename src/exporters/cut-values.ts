import type { Attributes, AttributeValue } from '@opentelemetry/api';
import { beginningOfJson, isJsonDocument, shortenJson } from './shorten-json.ts';
import { beginningOf, beside, fits, type TextLimit, tightest } from './text-limit.ts';

/** On a span: the number of values that were cut, including those of its events, and their keys. */
export const CUT_COUNT_ATTRIBUTE = 'agent_strace.truncated_values';
export const CUT_KEYS_ATTRIBUTE = 'agent_strace.truncated';
const MAX_NAMED_KEYS = 32;

/** What has been cut from a span so far. */
export interface Cuts {
  count: number;
  readonly keys: Set<string>;
}

/** The attributes that mark the cuts on a span. */
export function cutMarks({ count, keys }: Cuts, most: TextLimit): Attributes {
  const named = [...keys].filter((key) => fits(key, most)).slice(0, MAX_NAMED_KEYS);
  return { [CUT_COUNT_ATTRIBUTE]: count, [CUT_KEYS_ATTRIBUTE]: named };
}

/** Cuts long values and leaves out JSON that cannot be cut. Returns the same object when nothing exceeds the limit. */
export function cutValues(attributes: Attributes, most: TextLimit, cuts: Cuts): Attributes {
  let changed: Attributes | undefined;
  for (const key of Object.keys(attributes)) {
    const value = attributes[key];
    const before = cuts.count;
    const short = shorten(key, value, most, cuts);
    if (cuts.count === before) continue;
    cuts.keys.add(key);
    changed ??= { ...attributes };
    if (short === undefined) delete changed[key];
    else changed[key] = short;
  }
  return changed ?? attributes;
}

function shorten(
  key: string,
  value: AttributeValue | undefined,
  most: TextLimit,
  cuts: Cuts,
): AttributeValue | undefined {
  if (typeof value === 'string') {
    if (fits(value, most)) return value;
    cuts.count++;
    if (isJsonDocument(value)) return shortJson(key, value, most);
    return MUST_BE_JSON.test(key) ? undefined : cutText(value, most);
  }
  if (!Array.isArray(value) || !value.some((item) => typeof item === 'string' && !fits(item, most)))
    return value;
  return (value as string[]).map((item) => {
    if (typeof item !== 'string' || fits(item, most)) return item;
    cuts.count++;
    return cutText(item, most);
  });
}

/** Shortens JSON to valid JSON, because half a document would be a parse error for its readers. */
function shortJson(key: string, document: string, most: TextLimit): string | undefined {
  const short = shortenJson(document, most, cutText);
  if (short !== undefined || MUST_BE_JSON.test(key)) return short;
  return beginningOfJson(document, most, cutMarker(document.length), cutText);
}

/** Attributes with a fixed JSON structure, in which a marker would not be a valid message. */
const MUST_BE_JSON = /^gen_ai\.(?:input\.messages|output\.messages|system_instructions)$/;

/** The beginning of a text, with a marker that gives its full length; never splits a character. */
export function cutText(text: string, most: TextLimit): string {
  const marker = cutMarker(text.length);
  const room = beside(most, marker);
  return tightest(room) <= 0 ? beginningOf(text, most) : beginningOf(text, room) + marker;
}

function cutMarker(length: number): string {
  return `… [cut, ${length} characters]`;
}
