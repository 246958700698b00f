import { closeSync, openSync, readSync } from 'node:fs';

/** The floor of an import: read the file and parse every line, in the simplest way in Node. */
const file = openSync(process.argv[2] ?? '', 'r');
const chunk = Buffer.allocUnsafe(1024 * 1024);
let begun: Buffer[] = [];
let objects = 0;

function parse(bytes: Buffer): void {
  if (bytes.length > 0 && JSON.parse(bytes.toString('utf8')) !== null) objects++;
}

for (let read = readSync(file, chunk); read > 0; read = readSync(file, chunk)) {
  let start = 0;
  const bytes = chunk.subarray(0, read);
  for (;;) {
    const end = bytes.indexOf(10, start);
    if (end === -1) break;
    const last = bytes.subarray(start, end);
    parse(begun.length === 0 ? last : Buffer.concat([...begun, last]));
    begun = [];
    start = end + 1;
  }
  begun.push(Buffer.from(bytes.subarray(start)));
}
parse(Buffer.concat(begun));
closeSync(file);
process.stdout.write(String(objects));
