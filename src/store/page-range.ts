/**
 * Sequence numbers of the first and last row of a page with few rows of other traces in between.
 */
export interface PageRange {
  readonly first: number;
  readonly last: number;
}

/** The range of a page's events; undefined when too few of the rows in it belong to the page. */
export function densePage(events: readonly { readonly seq: number }[]): PageRange | undefined {
  const first = events[0]?.seq;
  const last = events.at(-1)?.seq;
  if (first === undefined || last === undefined) return undefined;
  return last - first < events.length * 4 ? { first, last } : undefined;
}
