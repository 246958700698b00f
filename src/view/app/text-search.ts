import { useEffect, useState } from 'preact/hooks';
import type { ViewerDetails } from '../viewer-data.ts';
import type { Row } from './row.ts';
import type { SessionData } from './session-data.ts';
import { headOf, holdAll } from './visible-rows.ts';

export interface TextSearch {
  readonly matches: ReadonlySet<number>;
  /** 0 to 1; 1 when everything has been read. */
  readonly progress: number;
}

const NOTHING: TextSearch = { matches: new Set(), progress: 1 };
const SLICE_MILLIS = 12;

/** One after the other, because the first may suffice. */
function* searched(row: Row, { texts, attributes }: ViewerDetails): Generator<string> {
  yield headOf(row);
  for (const { text } of texts) if (text !== undefined) yield text;
  for (const [, value] of attributes) yield value;
}

function scan(
  data: SessionData,
  block: number,
  words: readonly string[],
  found: Set<number>,
): void {
  for (const { row, details } of data.block(block)) {
    if (holdAll(searched(row, details), words)) found.add(row.index);
  }
}

/** Searches inputs, outputs and attributes in slices, so that the page stays responsive. */
export function useTextSearch(data: SessionData, words: readonly string[]): TextSearch {
  const [result, setResult] = useState<TextSearch>(NOTHING);
  const key = words.join(' ');
  useEffect(() => {
    if (key === '') {
      setResult(NOTHING);
      return;
    }
    const found = new Set<number>();
    let block = 0;
    let timer = 0;
    const step = (): void => {
      const until = performance.now() + SLICE_MILLIS;
      while (block < data.blocks && performance.now() < until) scan(data, block++, words, found);
      const done = block >= data.blocks;
      if (done || block % 16 === 0) {
        setResult({ matches: new Set(found), progress: done ? 1 : block / data.blocks });
      }
      if (!done) timer = window.setTimeout(step);
    };
    setResult({ matches: new Set(), progress: 0 });
    timer = window.setTimeout(step, 150);
    return () => window.clearTimeout(timer);
  }, [data, key]);
  return result;
}
