import { lowered } from './visible-rows.ts';

/** Occurrences of any of the words in a text, as start and end, in order and without overlaps. */
function places(text: string, words: readonly string[]): [number, number][] {
  const lower = lowered(text);
  const found: [number, number][] = [];
  for (const word of words) {
    for (
      let at = lower.indexOf(word);
      at >= 0 && found.length < 500;
      at = lower.indexOf(word, at + word.length)
    ) {
      found.push([at, at + word.length]);
    }
  }
  found.sort((a, b) => a[0] - b[0] || b[1] - a[1]);
  let covered = 0;
  return found.filter(([start, end]) => {
    const apart = start >= covered;
    if (apart) covered = end;
    return apart;
  });
}

/** A text with the search words highlighted. */
export function Highlight({ text, words }: { text: string; words: readonly string[] }) {
  const found = words.length === 0 ? [] : places(text, words);
  if (found.length === 0) return <>{text}</>;
  let end = 0;
  const parts = found.map(([from, to]) => {
    const before = text.slice(end, from);
    end = to;
    return [before, <mark key={from}>{text.slice(from, to)}</mark>];
  });
  return (
    <>
      {parts}
      {text.slice(end)}
    </>
  );
}
