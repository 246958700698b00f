/** Half cells of a thin and a thick line: right half, whole, left half. */
const LINES = {
  thick: { right: '╺', whole: '━', left: '╸' },
  thin: { right: '╶', whole: '─', left: '╴' },
} as const;

/**
 * A bar from `start` to `end` (0 to 1) on a line of `columns`, to half a column; never shorter than half a column.
 * Returns the blanks before it and the bar itself, so that only the bar gets a tone.
 */
export function timeBar(
  start: number,
  end: number,
  columns: number,
  weight: keyof typeof LINES,
): { readonly indent: string; readonly bar: string } {
  const { right, whole, left } = LINES[weight];
  const halves = columns * 2;
  const from = Math.min(halves - 1, Math.max(0, Math.floor(start * halves)));
  const to = Math.min(halves, Math.max(from + 1, Math.ceil(end * halves)));
  const first = from % 2 === 1 ? right : '';
  const rest = to - from - first.length;
  const bar = first + whole.repeat(Math.floor(rest / 2)) + (rest % 2 === 1 ? left : '');
  return { indent: ' '.repeat(Math.floor(from / 2)), bar };
}
