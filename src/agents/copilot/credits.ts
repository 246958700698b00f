import { decimalText } from '../../session/decimal-text.ts';

const NANO_UNITS_PER_DOLLAR = 1e11;

/**
 * US dollars of a count of nano AI units. A unit is one AI credit, one cent (GitHub's page on usage-based billing).
 * Zero stands for models that are not billed this way, so it says nothing.
 */
export function costOfUnits(nanoUnits: unknown): string | undefined {
  return typeof nanoUnits === 'number' && nanoUnits > 0
    ? decimalText(nanoUnits / NANO_UNITS_PER_DOLLAR)
    : undefined;
}
