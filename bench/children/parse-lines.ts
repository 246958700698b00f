import { closeSync, openSync } from 'node:fs';
import { fileChunks, readLines } from '../../src/ingest/read-lines.ts';

/** The floor of an import: read the file and parse every line. */
const file = openSync(process.argv[2] ?? '', 'r');
let objects = 0;
for (const line of readLines(fileChunks(file, 0), 0, 1)) {
  if (line.text !== undefined && JSON.parse(line.text) !== null) objects++;
}
closeSync(file);
process.stdout.write(String(objects));
