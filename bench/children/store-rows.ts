import { rmSync } from 'node:fs';
import Sqlite from 'better-sqlite3';
import { beginBulk, TRANSACTION_FACTS } from '../../src/store/bulk-writing.ts';
import { contentId } from '../../src/store/content-ids.ts';
import { openStore } from '../../src/store/open-store.ts';
import { prepareWriting } from '../../src/store/write-statements.ts';

/**
 * The least that storing takes: facts and texts of a store, in memory already, inserted into a new one as an import does
 * it, with the indexes of both tables and nothing else. Prints how many milliseconds that took.
 */
const [from = '', to = ''] = process.argv.slice(2);
type Fact = [seq: number, ...Parameters<ReturnType<typeof prepareWriting>['addEvent']['run']>];
type Text = Parameters<ReturnType<typeof prepareWriting>['addContent']['run']>;
const source = new Sqlite(from, { readonly: true });
const facts = source
  .prepare(
    `SELECT seq, root, session, operation, event_id, kind, at_us, CAST(header AS BLOB), hash, CAST(sealed AS BLOB),
       sealed_salt FROM events ORDER BY seq`,
  )
  .raw()
  .all() as Fact[];
const texts = source
  .prepare('SELECT id, name, media, size, salt, CAST(bytes AS BLOB) FROM contents ORDER BY id')
  .raw()
  .all() as Text[];

for (const name of [to, `${to}-wal`, `${to}-shm`]) rmSync(name, { force: true });
const store = openStore({ path: to, mode: 'write' });
const endBulk = beginBulk(store);
const { addEvent, addContent } = prepareWriting(store.database);
const started = process.hrtime.bigint();
const before = process.cpuUsage();
let text = 0;
const add = store.database.transaction((some: Fact[]) => {
  for (const [seq, ...fact] of some) {
    addEvent.run(...fact);
    while (text < texts.length && texts[text]![0] < contentId(seq + 1, 0))
      addContent.run(...texts[text++]!);
  }
});
for (let at = 0; at < facts.length; at += TRANSACTION_FACTS)
  add(facts.slice(at, at + TRANSACTION_FACTS));
endBulk();
store.close();
const wallMillis = Number(process.hrtime.bigint() - started) / 1e6;
const { user, system } = process.cpuUsage(before);
const cpuMillis = (user + system) / 1000;
process.stdout.write(JSON.stringify({ wallMillis, cpuMillis }));
