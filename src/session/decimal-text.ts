/**
 * A number as plain decimal text without exponent, because facts hold no fractions; it reads back as the same number.
 * Undefined unless finite and not negative, which costs and settings of a model are.
 */
export function decimalText(value: unknown): string | undefined {
  if (typeof value !== 'number' || !Number.isFinite(value) || value < 0) return undefined;
  const text = String(value);
  const cut = text.indexOf('e');
  return cut < 0 ? text : withoutExponent(text.slice(0, cut), Number(text.slice(cut + 1)));
}

/** JavaScript writes an exponent below -6 or above 20 only, so that the point never falls between the 17 digits. */
function withoutExponent(mantissa: string, exponent: number): string {
  const digits = mantissa.replace('.', '');
  return exponent < 0
    ? `0.${digits.padStart(digits.length - exponent - 1, '0')}`
    : digits.padEnd(exponent + 1, '0');
}
