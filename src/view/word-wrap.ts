import { displayWidth } from './terminal-text.ts';

/**
 * Printable text as lines of at most `columns`, broken at spaces. A word that does not fit on a line stays whole, so
 * that a path or a command can still be copied.
 */
export function wordWrap(text: string, columns: number): string[] {
  const lines: string[] = [];
  let line = '';
  let width = 0;
  for (const word of text.split(' ')) {
    const added = displayWidth(word);
    if (line !== '' && width + 1 + added > columns) {
      lines.push(line);
      line = word;
      width = added;
    } else {
      width += line === '' ? added : added + 1;
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}
