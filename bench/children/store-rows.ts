import { rmSync } from 'node:fs';
import Sqlite from 'better-sqlite3';

/**
 * The least that storing takes: facts and texts of a store, in memory already, inserted into a new one as an import does
 * it, with the indexes and nothing else. Says how many milliseconds that took.
 */
const [from = '', to = ''] = process.argv.slice(2);
const source = new Sqlite(from, { readonly: true });
const facts = source.prepare('SELECT * FROM events ORDER BY seq').raw().all() as unknown[][];
const texts = source.prepare('SELECT * FROM contents ORDER BY id').raw().all() as unknown[][];
const schema = source
  .prepare("SELECT sql FROM sqlite_schema WHERE tbl_name IN ('events', 'contents') AND sql > ''")
  .pluck()
  .all() as string[];

const TRANSACTION = 4000;
for (const name of [to, `${to}-wal`, `${to}-shm`]) rmSync(name, { force: true });
const target = new Sqlite(to);
for (const pragma of [
  'journal_mode = WAL',
  'synchronous = NORMAL',
  'cache_size = -32768',
  'wal_autocheckpoint = 16384',
])
  target.pragma(pragma);
for (const sql of schema) target.exec(sql);
const places = (row: unknown[] | undefined) => (row ?? []).map(() => '?').join(', ');
const addFact = target.prepare(`INSERT INTO events VALUES (${places(facts[0])})`);
const addText = target.prepare(`INSERT INTO contents VALUES (${places(texts[0])})`);
const started = process.hrtime.bigint();
const before = process.cpuUsage();
let text = 0;
const add = target.transaction((some: unknown[][]) => {
  for (const fact of some) {
    addFact.run(fact);
    // The number of a text is eight times that of its fact, and its place there.
    while (text < texts.length && Number(texts[text]![0]) < (Number(fact[0]) + 1) * 8)
      addText.run(texts[text++]!);
  }
});
for (let at = 0; at < facts.length; at += TRANSACTION) add(facts.slice(at, at + TRANSACTION));
target.close();
const wallMillis = Number(process.hrtime.bigint() - started) / 1e6;
const { user, system } = process.cpuUsage(before);
const cpuMillis = (user + system) / 1000;
process.stdout.write(JSON.stringify({ wallMillis, cpuMillis }));
