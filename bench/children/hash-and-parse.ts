import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

/** The floor of a verification: SHA-256 over the package's bytes and one parse. */
const bytes = readFileSync(process.argv[2] ?? '');
const digest = createHash('sha256').update(bytes).digest('hex');
process.stdout.write(
  `${digest} ${Object.keys(JSON.parse(bytes.toString('utf8')) as object).length}`,
);
