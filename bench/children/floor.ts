import { writeSync } from 'node:fs';
import Sqlite from 'better-sqlite3';

/**
 * The floor of an export: page through the rows that it has to read (facts, where their operations end, beginnings of
 * outputs, by which silent failures are known) and write each back as JSON: about as many bytes as the spans take. With
 * `texts` it reads and writes all recorded texts whole, as an export with content has to.
 */
const [path = '', which] = process.argv.slice(2);
const database = new Sqlite(path, { readonly: true });
const facts = database.prepare(
  'SELECT seq, header, sealed FROM events WHERE seq > ? ORDER BY seq LIMIT 1000',
);
const operations = database.prepare(
  'SELECT operation, first_seq, last_seq FROM operations WHERE first_seq BETWEEN ? AND ?',
);
const texts = database.prepare(
  which === 'texts'
    ? 'SELECT id, bytes AS text FROM contents WHERE id BETWEEN ? * 8 AND ? * 8 + 7'
    : "SELECT id, substr(bytes, 1, 512) AS text FROM contents WHERE id BETWEEN ? * 8 AND ? * 8 + 7 AND name = 'output'",
);
for (let after = 0; ; ) {
  const page = facts.all(after) as { seq: number }[];
  const first = page[0]?.seq;
  const last = page.at(-1)?.seq;
  if (first === undefined || last === undefined) break;
  let out = '';
  for (const rows of [page, operations.all(first, last), texts.all(first, last)]) {
    for (const row of rows) out += `${JSON.stringify(row)}\n`;
  }
  writeSync(1, out);
  after = last;
}
