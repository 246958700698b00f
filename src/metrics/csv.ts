/** A record of a CSV file and the line on which it begins, counted from 1. */
export interface CsvRecord {
  readonly line: number;
  readonly fields: readonly string[];
}

/**
 * Reads CSV according to RFC 4180: quoted fields may contain commas, line breaks and doubled quotes; CRLF, LF and CR
 * end records; blank lines are skipped. Linear time; never throws: an unclosed quote takes the rest of the text.
 */
export function* readCsv(text: string): Generator<CsvRecord> {
  let at = text.startsWith('\uFEFF') ? 1 : 0;
  let line = 1;
  while (at < text.length) {
    const started = line;
    const fields: string[] = [];
    for (;;) {
      const field = text[at] === '"' ? quotedField(text, at + 1) : plainField(text, at);
      fields.push(field.value);
      line += field.lines;
      at = field.next;
      if (text[at] !== ',') break;
      at += 1;
    }
    if (text[at] === '\r' && text[at + 1] === '\n') at += 2;
    else if (at < text.length) at += 1;
    line += 1;
    if (fields.length > 1 || fields[0] !== '') yield { line: started, fields };
  }
}

interface Field {
  readonly value: string;
  readonly next: number;
  /** Number of line breaks inside the field. */
  readonly lines: number;
}

function plainField(text: string, from: number): Field {
  let next = from;
  while (next < text.length && !',\r\n'.includes(text[next] as string)) next += 1;
  return { value: text.slice(from, next), next, lines: 0 };
}

function quotedField(text: string, from: number): Field {
  let value = '';
  let at = from;
  for (;;) {
    const quote = text.indexOf('"', at);
    if (quote === -1) return withLines(value + text.slice(at), text.length);
    value += text.slice(at, quote);
    if (text[quote + 1] !== '"') {
      // Anything between the closing quote and the comma is kept, as in spreadsheets.
      const rest = plainField(text, quote + 1);
      return withLines(value + rest.value, rest.next);
    }
    value += '"';
    at = quote + 2;
  }
}

function withLines(value: string, next: number): Field {
  return { value, next, lines: value.match(/\r\n|\r|\n/g)?.length ?? 0 };
}
