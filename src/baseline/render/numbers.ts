import type { Metric } from '../../metrics/metrics-table.ts';

/** Decimals by unit; counts and tokens show as many as needed, at most two. */
const DECIMALS: Readonly<Record<string, number>> = { '{USD}': 4, s: 1, '1': 3 };

/** From here on, decimals are meaningless to readers and only make tables wide. */
const WHOLE_FROM = 1000;

/** A value in its metric's unit, without the unit: rounded for display, `–` if absent. */
export function shownValue(value: number | undefined, unit: Metric['unit']): string {
  if (value === undefined) return '–';
  if (Math.abs(value) >= WHOLE_FROM) return value.toFixed(0);
  const decimals = DECIMALS[unit];
  if (decimals !== undefined) return value.toFixed(decimals);
  return Number.isInteger(value) ? String(value) : value.toFixed(2);
}

/** A z value with its sign. */
export function shownZ(z: number | undefined): string {
  if (z === undefined) return '–';
  if (Math.abs(z) >= 1e6) return z > 0 ? '>1e6' : '<-1e6';
  return `${z >= 0 ? '+' : ''}${z.toFixed(2)}`;
}

/** The unit as written after a number; empty for rates and dollars, whose titles say it. */
export function shownUnit(unit: string): string {
  return unit === 's' ? ' s' : '';
}
