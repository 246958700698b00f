import type { ContentName } from '../session/event.ts';
import { contentsBetween, EVENT_OF_CONTENT } from './content-ids.ts';
import type { Store } from './open-store.ts';
import type { PageRange } from './page-range.ts';

/** UTF-8 bytes of the longest text that is read with its page: a page of them takes a few megabytes. */
const SHORT_TEXT = 4096;

/** A page may stay the last one for hours while a session is followed; what was erased meanwhile must not come back. */
const FRESH_MILLIS = 1000;

type PageText = readonly [seq: number, name: ContentName, text: string | null];

/**
 * The short texts on the page that was read last, fetched together once the first of them is asked for: 0.25 s for 130,000
 * texts of 800 bytes where one look-up each, which begins and ends a transaction, takes 0.55 s.
 */
export function pageTexts(store: Store) {
  const read = store.database.prepare<[number, number], PageText>(
    `SELECT ${EVENT_OF_CONTENT}, name, bytes FROM contents
     WHERE ${contentsBetween('?', '?')} AND size <= ${SHORT_TEXT} ORDER BY id`,
  );
  read.raw();
  let page: PageRange | undefined;
  let texts: readonly PageText[] | undefined;
  let readAt = 0;
  return {
    /** Forgets the page before; undefined where it is not worth reading its texts together. */
    turnTo(next: PageRange | undefined): void {
      page = next;
      texts = undefined;
    },
    /** Undefined for what is not on the page, long or erased. */
    get(seq: number, name: ContentName): string | undefined {
      if (page === undefined || seq < page.first || seq > page.last) return undefined;
      const now = performance.now();
      if (texts === undefined || now - readAt > FRESH_MILLIS) {
        texts = read.all(page.first, page.last);
        readAt = now;
      }
      for (let at = firstOf(texts, seq); texts[at]?.[0] === seq; at++) {
        const [, here, text] = texts[at]!;
        if (here === name) return text ?? undefined;
      }
      return undefined;
    },
  };
}

/** Where the texts of an event begin among those in the order of their events. */
function firstOf(texts: readonly PageText[], seq: number): number {
  let low = 0;
  let high = texts.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (texts[middle]![0] < seq) low = middle + 1;
    else high = middle;
  }
  return low;
}
