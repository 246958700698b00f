import { cutText } from './cut-values.ts';
import { derived } from './derived.ts';
import type { TimedSpan } from './encoder.ts';
import { writeSpan } from './otlp-protobuf-span.ts';
import { ProtobufWriter } from './protobuf-writer.ts';
import { limitSpan, type SpanLimits } from './span-limits.ts';

/** Values are not cut shorter than this for the sake of the others. */
const SHORTEST_VALUE_BYTES = 64;

const writer = new ProtobufWriter(128 * 1024);

/** Bytes of a span in OTLP protobuf, without its resource. */
function sizeOf(span: TimedSpan): number {
  writer.clear();
  writeSpan(writer, span);
  return writer.position;
}

/**
 * A span within the limits that takes at most `maxBytes` as OTLP protobuf. Its longest values are cut first, all of them
 * equally; where that is not enough events, links and at last attributes are left out, which the span counts.
 */
export function fitSpan(span: TimedSpan, limits: SpanLimits, maxBytes: number): TimedSpan {
  let within = limits;
  let fitting = limitSpan(span, limits);
  while (sizeOf(fitting) > maxBytes) {
    const tighter = tightened(fitting, within, maxBytes);
    if (tighter === undefined) return fitting;
    within = tighter;
    fitting = limitSpan(withShortMessage(span, within.maxAttributeBytes), within);
  }
  return fitting;
}

/** Limits for a span that is too large within those it has; undefined where there is nothing left to leave out. */
function tightened(
  { attributes, events, links }: TimedSpan,
  limits: SpanLimits,
  maxBytes: number,
): SpanLimits | undefined {
  const bytes = Math.floor((limits.maxAttributeBytes ?? maxBytes) / 2);
  if (bytes >= SHORTEST_VALUE_BYTES) return { ...limits, maxAttributeBytes: bytes };
  if (events.length > 0) return { ...limits, maxEvents: events.length >> 1 };
  if (links.length > 0) return { ...limits, maxLinks: links.length >> 1 };
  const count = Object.keys(attributes).length;
  return count === 0 ? undefined : { ...limits, maxAttributes: count >> 1 };
}

function withShortMessage(span: TimedSpan, bytes: number | undefined): TimedSpan {
  const { message } = span.status;
  if (message === undefined || bytes === undefined || message.length <= bytes / 3) return span;
  const short = cutText(message, { characters: Number.POSITIVE_INFINITY, bytes });
  return derived(span, { status: { ...span.status, message: short } });
}
