import type { EventHeader } from '../integrity/chain.ts';

/** What became of a content in a package. `disclosed`: exact text and salt are enclosed. */
export type ContentState = 'disclosed' | 'withheld' | 'erased';

/** A fact that is text; undefined for anything else. */
export function textOf(header: EventHeader, name: string): string | undefined {
  const value = header.facts[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** A fact that is a number; undefined for anything else. */
export function numberOf(header: EventHeader, name: string): number | undefined {
  const value = header.facts[name];
  return typeof value === 'number' ? value : undefined;
}

/** The first `limit` code points, so that every language cuts at the same place. */
export function cutText(text: string, limit: number): string {
  if (text.length <= limit) return text;
  return [...text.slice(0, limit * 2)].slice(0, limit).join('');
}

/** `2026-01-02T03:04:05.000006Z` for microseconds since the epoch. */
export function formatMicros(micros: number): string {
  const millis = Math.floor(micros / 1000);
  const rest = String(micros - millis * 1000).padStart(3, '0');
  return `${new Date(millis).toISOString().slice(0, -1)}${rest}Z`;
}
