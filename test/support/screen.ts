/** One control sequence or one character. */
const TOKEN = /\u001b\[([0-9;?]*)([A-Za-z])|([\s\S])/gu;

/** What a terminal shows after `output`: a line each, without trailing spaces. Knows what our views write. */
export function screenAfter(output: string): string[] {
  const lines: string[][] = [[]];
  let row = 0;
  let column = 0;
  const line = (at: number): string[] => {
    while (lines.length <= at) lines.push([]);
    return lines[at]!;
  };
  for (const [, parameters, final, character] of output.matchAll(TOKEN)) {
    if (final === 'A') row = Math.max(0, row - Number(parameters || 1));
    else if (final === 'K') line(row).length = Math.min(line(row).length, column);
    else if (final === 'J') {
      line(row).length = Math.min(line(row).length, column);
      lines.length = row + 1;
    } else if (final !== undefined && final !== 'm') throw new Error(`unknown sequence ${final}`);
    else if (character === '\r') column = 0;
    else if (character === '\n') {
      row++;
      line(row);
    } else if (character !== undefined) {
      const cells = line(row);
      while (cells.length < column) cells.push(' ');
      cells[column++] = character;
    }
  }
  return lines.map((cells) => cells.join('').trimEnd());
}
