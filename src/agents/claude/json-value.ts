import { hash } from 'node:crypto';

/** A JSON object of unknown shape. */
export type JsonRecord = { readonly [key: string]: unknown };

const LONGEST_ID = 200;

/** The value as an object; undefined for anything else, arrays included. */
export function asRecord(value: unknown): JsonRecord | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as JsonRecord)
    : undefined;
}

/** The value as a list; empty for anything else. */
export function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The value when it is a string with at least one character. */
export function asText(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** An identifier: as it is, or its digest when it is longer than any real one or holds a line break. */
export function asId(value: unknown): string | undefined {
  const text = asText(value);
  if (text === undefined || (text.length <= LONGEST_ID && !text.includes('\n'))) return text;
  return `h${digestOf(text)}`;
}

/** The value when it is a whole number from 0 to 2^53 - 1. */
export function asCount(value: unknown): number | undefined {
  return Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) : undefined;
}

/** A duration in milliseconds (or, with `unit` 1e6, in seconds) as whole microseconds. */
export function asMicros(value: unknown, unit = 1000): number | undefined {
  if (typeof value !== 'number' || !(value >= 0)) return undefined;
  return asCount(Math.round(value * unit));
}

/** A number as plain decimal text without exponent; undefined unless finite and not negative. */
export function asDecimal(value: unknown): string | undefined {
  if (typeof value !== 'number' || !Number.isFinite(value) || value < 0) return undefined;
  const text = String(value);
  return text.includes('e') ? value.toFixed(20).replace(/\.?0+$/, '') : text;
}

/** The first 16 hex digits of SHA-256: names a text for good. */
export function digestOf(text: string): string {
  return hash('sha256', text, 'hex').slice(0, 16);
}

/** True when the text has no lone surrogate. */
export function isWellFormed(text: string): boolean {
  // Node 20 has both methods; the es2023 library does not declare them.
  return (text as string & { isWellFormed(): boolean }).isWellFormed();
}

/** The text with lone surrogates replaced by U+FFFD, which is what UTF-8 would make of them. */
export function wellFormed(text: string): string {
  return isWellFormed(text) ? text : (text as string & { toWellFormed(): string }).toWellFormed();
}
