/** How often characters occur in text and code, in thousandths; all others are rare. */
const COMMON: ReadonlyMap<string, number> = new Map(
  Object.entries({
    ' ': 160,
    e: 85,
    t: 62,
    a: 58,
    o: 52,
    i: 52,
    n: 52,
    s: 52,
    r: 48,
    l: 33,
    c: 28,
    d: 28,
    p: 22,
    u: 22,
    m: 20,
    f: 18,
    '.': 16,
    _: 15,
    h: 14,
    g: 14,
    '"': 14,
    '=': 12,
    "'": 12,
    '-': 12,
    b: 12,
    y: 10,
    ':': 10,
    '/': 9,
    v: 8,
    w: 7,
    x: 6,
    k: 5,
  }),
);
const RARE = 2;

/** How often clean text contains these characters in a row, as if they were independent; only for comparison. */
export function frequencyOf(text: string): number {
  let frequency = 1;
  for (const character of text) frequency *= COMMON.get(character) ?? RARE;
  return frequency;
}
