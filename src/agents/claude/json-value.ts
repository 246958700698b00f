import { digestOf } from '../drafts.ts';
import { countOf, textOf } from '../json-values.ts';

const LONGEST_ID = 200;

/** An identifier as it is, or its digest if it is longer than any real one or contains a line break. */
export function idOf(value: unknown): string | undefined {
  const text = textOf(value);
  if (text === undefined || (text.length <= LONGEST_ID && !text.includes('\n'))) return text;
  return `h${digestOf(text)}`;
}

/** A count as written: a whole number from 0 to 2^53 - 1. A fraction is not a count. */
export function wholeCountOf(value: unknown): number | undefined {
  return Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) : undefined;
}

/** A duration in milliseconds (or, with `unit` 1e6, in seconds) as whole microseconds. */
export function microsOfDuration(value: unknown, unit = 1000): number | undefined {
  return typeof value === 'number' && value >= 0 ? countOf(value * unit) : undefined;
}
