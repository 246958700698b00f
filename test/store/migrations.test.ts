import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { expect, it } from 'vitest';
import { RECORDINGS, runCli } from '../support/cli.ts';
import { temporaryFolder } from '../support/temporary-store.ts';

it('migrates a store of the first schema and keeps every text in place', async () => {
  const db = join(temporaryFolder(), 'store.db');
  await runCli(['import', RECORDINGS, '--db', db]);
  const answers = async () => [
    await runCli(['export', '--content', 'full', '--db', db]),
    await runCli(['export', '--format', 'otlp', '--db', db]),
    (await runCli(['verify', '--db', db])).code,
  ];
  const before = await answers();
  const file = new Sqlite(db);
  file.exec(`
    ALTER TABLE contents RENAME TO numbered;
    CREATE TABLE contents (
      id INTEGER PRIMARY KEY, seq INTEGER NOT NULL, name TEXT NOT NULL, media TEXT NOT NULL, size INTEGER NOT NULL,
      salt BLOB, bytes TEXT
    );
    INSERT INTO contents (seq, name, media, size, salt, bytes)
      SELECT id / 8, name, media, size, salt, bytes FROM numbered ORDER BY id;
    DROP TABLE numbered;
    CREATE INDEX contents_by_event ON contents (seq, name);
    PRAGMA user_version = 1;
  `);
  file.close();
  expect(await answers()).toEqual(before);
});
