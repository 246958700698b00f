/** Sequence numbers of the first and last row of a page that has few rows of other traces in it. */
export interface PageRange {
  readonly first: number;
  readonly last: number;
}

/** Undefined where what belongs to the page is not worth reading in one range. */
export function densePage(events: readonly { readonly seq: number }[]): PageRange | undefined {
  const first = events[0]?.seq;
  const last = events.at(-1)?.seq;
  if (first === undefined || last === undefined) return undefined;
  return last - first < events.length * 4 ? { first, last } : undefined;
}
