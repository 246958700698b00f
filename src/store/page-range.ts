/** Sequence numbers of the first and last row of a page that has few rows of other traces in it. */
export interface PageRange {
  readonly first: number;
  readonly last: number;
}

/** Undefined where what belongs to the page is not worth reading in one range. */
export function densePage(
  rows: readonly (readonly [seq: number, ...unknown[]])[],
): PageRange | undefined {
  const first = rows[0]?.[0];
  const last = rows.at(-1)?.[0];
  if (first === undefined || last === undefined) return undefined;
  return last - first < rows.length * 4 ? { first, last } : undefined;
}
