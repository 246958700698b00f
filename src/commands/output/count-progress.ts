import { formatCount } from '../../view/format.ts';
import type { ProgressTerminal } from './progress.ts';

const FIRST_AFTER_MILLIS = 1000;
const EVERY_MILLIS = 250;

/**
 * Passes everything on and counts it on the terminal once it takes longer than a second: `38.2k operations …`. The
 * line is removed at the end.
 */
export function* showingCount<Item, Result>(
  items: Iterator<Item, Result>,
  noun: string,
  terminal: ProgressTerminal,
): Generator<Item, Result> {
  let next = terminal.now() + FIRST_AFTER_MILLIS;
  let count = 0;
  let drawn = false;
  try {
    for (;;) {
      const item = items.next();
      if (item.done === true) return item.value;
      count++;
      if (terminal.shown && terminal.now() >= next) {
        next = terminal.now() + EVERY_MILLIS;
        drawn = true;
        terminal.write(`\r${formatCount(count)} ${noun} …\u001b[K`);
      }
      yield item.value;
    }
  } finally {
    if (drawn) terminal.write('\r\u001b[K');
  }
}
