/**
 * A number as plain decimal text without an exponent, because facts hold no fractions; it parses back to the same
 * number. Undefined unless finite and not negative, as costs and model settings are.
 */
export function decimalText(value: unknown): string | undefined {
  if (typeof value !== 'number' || !Number.isFinite(value) || value < 0) return undefined;
  const text = String(value);
  const cut = text.indexOf('e');
  return cut < 0 ? text : withoutExponent(text.slice(0, cut), Number(text.slice(cut + 1)));
}

/** JavaScript uses an exponent only below -6 or above 20, so the point never falls between the 17 digits. */
function withoutExponent(mantissa: string, exponent: number): string {
  const digits = mantissa.replace('.', '');
  return exponent < 0
    ? `0.${digits.padStart(digits.length - exponent - 1, '0')}`
    : digits.padEnd(exponent + 1, '0');
}
