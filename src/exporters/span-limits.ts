import type { Attributes, AttributeValue } from '@opentelemetry/api';
import { derived } from './derived.ts';
import type { TimedSpan } from './encoder.ts';
import { beginningOfJson, isJsonDocument, shortenJson } from './shorten-json.ts';

/** What a destination keeps of attributes; absent means no limit. Resources are exempt. */
export interface SpanLimits {
  /** Longest string value in UTF-16 units; strings inside arrays count alone. */
  readonly maxAttributeLength?: number | undefined;
  readonly maxAttributes?: number | undefined;
}

/** Says on a span how many of its values, its events' included, were cut, and under which keys. */
const CUT_COUNT_ATTRIBUTE = 'agent_strace.truncated_values';
const CUT_KEYS_ATTRIBUTE = 'agent_strace.truncated';
/** Says how many attributes are missing because a destination takes no more. */
const DROPPED_ATTRIBUTE = 'agent_strace.dropped_attributes';
const MAX_NAMED_KEYS = 32;

type Environment = Readonly<Record<string, string | undefined>>;

/** The tighter one of a destination's limits and those of the standard `OTEL_*` variables, where they are set. */
export function spanLimits(destination: SpanLimits, environment: Environment): SpanLimits {
  return {
    maxAttributeLength: tighter(
      destination.maxAttributeLength,
      environment['OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT'] ||
        environment['OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT'],
    ),
    maxAttributes: tighter(
      destination.maxAttributes,
      environment['OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT'] || environment['OTEL_ATTRIBUTE_COUNT_LIMIT'],
    ),
  };
}

function tighter(limit: number | undefined, variable: string | undefined): number | undefined {
  const other = variable && /^\s*\d{1,9}\s*$/.test(variable) ? Number(variable) : undefined;
  if (limit === undefined || other === undefined) return limit ?? other;
  return Math.min(limit, other);
}

/** A span within the limits: the same object where nothing is over them. What is cut says so. */
export function limitSpan(span: TimedSpan, limits: SpanLimits): TimedSpan {
  const cuts: Cuts = { count: 0, keys: new Set() };
  const most = limits.maxAttributeLength;
  const shorten = <T extends { attributes?: Attributes }>(one: T): T =>
    most === undefined ? one : withAttributes(one, most, cuts);
  // An event's time may be an accessor, which a copy does not have.
  const events = mapChanged(span.events, (event) => {
    const short = shorten(event);
    return short === event ? event : { ...short, time: event.time };
  });
  const links = mapChanged(span.links, shorten);
  const own = most === undefined ? span.attributes : cutValues(span.attributes, most, cuts);
  const marked = cuts.count === 0 ? own : { ...cutMarks(cuts, most ?? 0), ...own };
  const attributes = keepFirst(marked, limits.maxAttributes);
  if (cuts.count === 0 && attributes === own) return span;
  const names = (of: Attributes) => Object.keys(of).filter((key) => !MARKS.has(key)).length;
  const droppedAttributesCount =
    span.droppedAttributesCount + names(span.attributes) - names(attributes);
  return derived(span, { attributes, events, links, droppedAttributesCount });
}

const MARKS = new Set([CUT_COUNT_ATTRIBUTE, CUT_KEYS_ATTRIBUTE, DROPPED_ATTRIBUTE]);

interface Cuts {
  count: number;
  readonly keys: Set<string>;
}

function cutMarks({ count, keys }: Cuts, most: number): Attributes {
  const named = [...keys].filter((key) => key.length <= most).slice(0, MAX_NAMED_KEYS);
  return { [CUT_COUNT_ATTRIBUTE]: count, [CUT_KEYS_ATTRIBUTE]: named };
}

function withAttributes<T extends { attributes?: Attributes }>(
  one: T,
  most: number,
  cuts: Cuts,
): T {
  if (one.attributes === undefined) return one;
  const attributes = cutValues(one.attributes, most, cuts);
  return attributes === one.attributes ? one : { ...one, attributes };
}

/** Like `map`, but the same array where nothing changed. */
function mapChanged<T>(items: T[], change: (item: T) => T): T[] {
  const changed = items.map(change);
  return changed.some((item, i) => item !== items[i]) ? changed : items;
}

/** Long values cut; JSON that cannot be cut is left out. */
function cutValues(attributes: Attributes, most: number, cuts: Cuts): Attributes {
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
  most: number,
  cuts: Cuts,
): AttributeValue | undefined {
  if (typeof value === 'string') {
    if (value.length <= most) return value;
    cuts.count++;
    if (isJsonDocument(value)) return shortJson(key, value, most);
    return MUST_BE_JSON.test(key) ? undefined : cutText(value, most);
  }
  if (
    !Array.isArray(value) ||
    !value.some((item) => typeof item === 'string' && item.length > most)
  )
    return value;
  return (value as string[]).map((item) => {
    if (typeof item !== 'string' || item.length <= most) return item;
    cuts.count++;
    return cutText(item, most);
  });
}

/** JSON stays JSON: half a document would be an error to whoever parses it. */
function shortJson(key: string, document: string, most: number): string | undefined {
  const short = shortenJson(document, most, cutText);
  if (short !== undefined || MUST_BE_JSON.test(key)) return short;
  return beginningOfJson(document, most, cutMarker(document.length), cutText);
}

/** Lists of a form of their own, in which a marker would be no message. */
const MUST_BE_JSON = /^gen_ai\.(?:input\.messages|output\.messages|system_instructions)$/;

/** The beginning of a text with a marker that tells its full length; never half a character. */
function cutText(text: string, most: number): string {
  const marker = cutMarker(text.length);
  return most <= marker.length
    ? beginning(text, most)
    : beginning(text, most - marker.length) + marker;
}

function cutMarker(length: number): string {
  return `… [cut, ${length} characters]`;
}

function beginning(text: string, length: number): string {
  const code = text.charCodeAt(length - 1);
  return text.slice(0, code >= 0xd800 && code <= 0xdbff ? length - 1 : length);
}

/** The first attributes and how many are missing. */
function keepFirst(attributes: Attributes, most: number | undefined): Attributes {
  const keys = most === undefined ? [] : Object.keys(attributes);
  if (most === undefined || keys.length <= most) return attributes;
  const kept = keys.slice(0, Math.max(0, most - 1)).map((key) => [key, attributes[key]]);
  const dropped =
    keys.filter((key) => !MARKS.has(key)).length -
    kept.filter(([key]) => !MARKS.has(String(key))).length;
  return Object.fromEntries(most > 0 ? [[DROPPED_ATTRIBUTE, dropped], ...kept] : []);
}
