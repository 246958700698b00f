import { contentsBetween, EVENT_OF_CONTENT } from './content-ids.ts';
import type { Store } from './open-store.ts';
import type { PageRange } from './page-range.ts';

/** Bytes of an output that are read with the page it is on. */
export const OUTPUT_BEGINNING = 512;

/**
 * Beginnings of the outputs on the page that was read last, fetched together once the first of them is asked for:
 * 0.2 s for 65,000 outputs where one look-up each takes 0.4 s. They are cut by bytes, because SQLite finds the end of so
 * many characters one by one (1.5 % of an export); the last character may be cut, and whoever judges a whole line asks on.
 */
export function outputBeginnings(store: Store) {
  const read = store.database.prepare<[number, number, number], Beginning>(
    `SELECT ${EVENT_OF_CONTENT}, CAST(substr(CAST(bytes AS BLOB), 1, ?) AS TEXT) FROM contents
     WHERE ${contentsBetween('?', '?')} AND name = 'output' ORDER BY id`,
  );
  read.raw();
  let page: PageRange | undefined;
  let beginnings: readonly Beginning[] | undefined;
  return {
    /** Forgets the page before; undefined where it is not worth reading its outputs together. */
    turnTo(next: PageRange | undefined): void {
      page = next;
      beginnings = undefined;
    },
    holds(seq: number): boolean {
      return page !== undefined && seq >= page.first && seq <= page.last;
    },
    get(seq: number): string | undefined {
      if (page === undefined) return undefined;
      beginnings ??= read.all(OUTPUT_BEGINNING, page.first, page.last);
      return textAt(beginnings, seq) ?? undefined;
    },
  };
}

type Beginning = readonly [seq: number, text: string | null];

/** By halving, because the rows come in the order of their numbers: a map would be made for one look at each. */
function textAt(beginnings: readonly Beginning[], seq: number): string | null | undefined {
  let low = 0;
  let high = beginnings.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const [here, text] = beginnings[middle]!;
    if (here === seq) return text;
    if (here < seq) low = middle + 1;
    else high = middle - 1;
  }
  return undefined;
}
