import type { Attributes, AttributeValue } from '@opentelemetry/api';
import { derived } from './derived.ts';
import type { TimedSpan } from './encoder.ts';

/** What a destination keeps of attributes; absent means no limit. Resources are exempt. */
export interface SpanLimits {
  /** Longest string value in UTF-16 units; strings inside arrays count alone. */
  readonly maxAttributeLength?: number | undefined;
  readonly maxAttributes?: number | undefined;
}

/** Says on a span how many of its values were cut. */
const CUT_COUNT_ATTRIBUTE = 'agent_strace.truncated_values';

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
  const cut = { count: 0 };
  const most = limits.maxAttributeLength;
  const events =
    most === undefined
      ? span.events
      : mapChanged(span.events, (one) => withAttributes(one, most, cut));
  const links =
    most === undefined
      ? span.links
      : mapChanged(span.links, (one) => withAttributes(one, most, cut));
  let attributes = most === undefined ? span.attributes : cutValues(span.attributes, most, cut);
  if (cut.count > 0) attributes = { [CUT_COUNT_ATTRIBUTE]: cut.count, ...attributes };
  const kept = keepFirst(attributes, limits.maxAttributes);
  if (cut.count === 0 && kept === attributes) return span;
  const dropped = Object.keys(attributes).length - Object.keys(kept).length;
  const droppedAttributesCount = span.droppedAttributesCount + dropped;
  return derived(span, { attributes: kept, events, links, droppedAttributesCount });
}

function withAttributes<T extends { attributes?: Attributes }>(
  one: T,
  most: number,
  cut: { count: number },
): T {
  if (one.attributes === undefined) return one;
  const attributes = cutValues(one.attributes, most, cut);
  return attributes === one.attributes ? one : { ...one, attributes };
}

/** Like `map`, but the same array where nothing changed. */
function mapChanged<T>(items: T[], change: (item: T) => T): T[] {
  const changed = items.map(change);
  return changed.some((item, i) => item !== items[i]) ? changed : items;
}

function cutValues(attributes: Attributes, most: number, cut: { count: number }): Attributes {
  let changed: Attributes | undefined;
  for (const key of Object.keys(attributes)) {
    const value = attributes[key];
    const short = shorten(value, most, cut);
    if (short === value) continue;
    changed ??= { ...attributes };
    changed[key] = short;
  }
  return changed ?? attributes;
}

function shorten(
  value: AttributeValue | undefined,
  most: number,
  cut: { count: number },
): AttributeValue | undefined {
  if (typeof value === 'string') {
    if (value.length <= most) return value;
    cut.count++;
    return cutText(value, most);
  }
  if (
    !Array.isArray(value) ||
    !value.some((item) => typeof item === 'string' && item.length > most)
  )
    return value;
  return (value as string[]).map((item) => shorten(item, most, cut)) as string[];
}

/** The beginning of a text with a marker that tells its full length; never half a character. */
function cutText(text: string, most: number): string {
  const marker = `… [cut, ${text.length} characters]`;
  const room = Math.max(0, most - marker.length);
  const code = text.charCodeAt(room - 1);
  const end = code >= 0xd800 && code <= 0xdbff ? room - 1 : room;
  return most <= marker.length ? text.slice(0, end || most) : text.slice(0, end) + marker;
}

function keepFirst(attributes: Attributes, most: number | undefined): Attributes {
  const keys = most === undefined ? [] : Object.keys(attributes);
  if (most === undefined || keys.length <= most) return attributes;
  return Object.fromEntries(keys.slice(0, most).map((key) => [key, attributes[key]]));
}
