import { writeSync } from 'node:fs';
import Sqlite from 'better-sqlite3';

/** The floor: page through the same rows, parse what has to be parsed, write each row back as JSON. */
const [path = ''] = process.argv.slice(2);
const database = new Sqlite(path, { readonly: true });
const page = database.prepare('SELECT * FROM events WHERE seq > ? ORDER BY seq LIMIT 1000');
let after = 0;
let out = '';
for (;;) {
  const rows = page.all(after) as { seq: number }[];
  if (rows.length === 0) break;
  for (const row of rows) {
    out += `${JSON.stringify(row)}\n`;
    after = row.seq;
  }
  writeSync(1, out);
  out = '';
}
