import type { Attributes, AttributeValue } from '@opentelemetry/api';

/** Characters that JSON text must not hold as they are. */
const NEEDS_ESCAPE = /[\u0000-\u001f"\\]/;
const LONE_SURROGATE = /\p{Surrogate}/u;

const INT64_LIMIT = 2 ** 63;

/**
 * A string as JSON text. Lone surrogates become U+FFFD: raw text gets it when it is written as UTF-8,
 * escaped text here.
 */
export function jsonString(text: string): string {
  if (!NEEDS_ESCAPE.test(text)) return `"${text}"`;
  return JSON.stringify(LONE_SURROGATE.test(text) ? wellFormed(text) : text);
}

function wellFormed(text: string): string {
  return text.replace(/\p{Surrogate}/gu, '\ufffd');
}

/** Whether a number goes out as a 64-bit integer; every other number is a double. */
export function isInt64(value: number): boolean {
  return Number.isInteger(value) && value >= -INT64_LIMIT && value < INT64_LIMIT;
}

/** A number as ProtoJSON writes doubles: NaN and the infinities are strings. */
export function jsonDouble(value: number): string {
  return Number.isFinite(value) ? String(value) : `"${value}"`;
}

/** A whole number as decimal digits, exact over the range of 64 bits. */
export function decimal(value: number): string {
  return Number.isSafeInteger(value) ? String(value) : BigInt(value).toString();
}

/** One OTLP `AnyValue` as JSON text. What OTLP has no value for becomes an empty value. */
export function jsonAnyValue(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return `{"stringValue":${jsonString(value)}}`;
    case 'number':
      return isInt64(value)
        ? `{"intValue":"${decimal(value)}"}`
        : `{"doubleValue":${jsonDouble(value)}}`;
    case 'boolean':
      return `{"boolValue":${value}}`;
    case 'object':
      return value === null ? '{}' : jsonComposite(value);
    default:
      return '{}';
  }
}

function jsonComposite(value: object): string {
  if (Array.isArray(value))
    return `{"arrayValue":{"values":[${value.map(jsonAnyValue).join(',')}]}}`;
  if (value instanceof Uint8Array) {
    return `{"bytesValue":"${Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64')}"}`;
  }
  return `{"kvlistValue":{"values":${jsonAttributes(value as Attributes)}}}`;
}

const KEY_CACHE_LIMIT = 2000;
const keyTexts = new Map<string, string>();

/** `{"key":"…","value":` of an attribute; the same few names come back in every span. */
function keyText(key: string): string {
  const known = keyTexts.get(key);
  if (known !== undefined) return known;
  const text = `{"key":${jsonString(key)},"value":`;
  if (keyTexts.size < KEY_CACHE_LIMIT) keyTexts.set(key, text);
  return text;
}

/** Attributes as an OTLP JSON array of `KeyValue`, in their own order. */
export function jsonAttributes(attributes: Attributes): string {
  let text = '[';
  for (const key of Object.keys(attributes)) {
    const value: AttributeValue | undefined = attributes[key];
    text += `${text.length === 1 ? '' : ','}${keyText(key)}${jsonAnyValue(value)}}`;
  }
  return `${text}]`;
}
