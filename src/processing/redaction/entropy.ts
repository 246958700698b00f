/** Shannon entropy of the characters of `text`, in bits a character; at most 256 characters are looked at. */
export function bitsPerCharacter(text: string): number {
  const length = Math.min(text.length, 256);
  if (length === 0) return 0;
  const counts = new Map<number, number>();
  for (let i = 0; i < length; i++) {
    const code = text.charCodeAt(i);
    counts.set(code, (counts.get(code) ?? 0) + 1);
  }
  let bits = 0;
  for (const count of counts.values()) bits -= (count / length) * Math.log2(count / length);
  return bits;
}

/** Random-looking: letters and digits mixed, and at least `bits` bits a character. */
export function looksRandom(text: string, bits: number): boolean {
  return /\d/.test(text) && /[A-Za-z]/.test(text) && bitsPerCharacter(text) >= bits;
}
