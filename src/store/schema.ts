import type { Database } from 'better-sqlite3';

/**
 * Each entry migrates the store from the version of its index to the next; `user_version` holds the current version.
 * Integer keys are AUTOINCREMENT where a cursor relies on them, because a reused number would make it skip a row.
 * Operations are keyed by their first fact, so that those of a page are in one range: 0.1 s for 200,000 facts, where
 * looking each up by id takes 0.5 s.
 */
const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE meta (name TEXT PRIMARY KEY, value NOT NULL) WITHOUT ROWID;

  CREATE TABLE sessions (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    session_id TEXT NOT NULL UNIQUE,
    root INTEGER NOT NULL,
    agent TEXT NOT NULL DEFAULT '',
    chain TEXT NOT NULL DEFAULT '',
    genesis TEXT NOT NULL DEFAULT '',
    head_hash TEXT NOT NULL DEFAULT '',
    event_count INTEGER NOT NULL DEFAULT 0,
    first_us INTEGER,
    last_us INTEGER,
    last_seq INTEGER NOT NULL DEFAULT 0,
    end_us INTEGER,
    point_count INTEGER NOT NULL DEFAULT 0,
    point_closed INTEGER NOT NULL DEFAULT 0,
    erased_count INTEGER NOT NULL DEFAULT 0
  );
  CREATE INDEX sessions_by_root ON sessions (root);
  CREATE INDEX sessions_by_last ON sessions (last_us) WHERE root = id;

  CREATE TABLE events (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    root INTEGER NOT NULL,
    session INTEGER NOT NULL,
    operation TEXT NOT NULL,
    event_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    at_us INTEGER NOT NULL,
    header TEXT NOT NULL,
    hash TEXT NOT NULL,
    sealed TEXT,
    sealed_salt BLOB
  );
  CREATE INDEX events_by_trace ON events (root, seq);
  CREATE INDEX events_by_operation ON events (operation, seq);
  CREATE UNIQUE INDEX events_by_id ON events (session, event_id);

  CREATE TABLE operations (
    first_seq INTEGER PRIMARY KEY,
    operation TEXT NOT NULL UNIQUE,
    root INTEGER NOT NULL,
    kind TEXT NOT NULL,
    parent TEXT,
    last_seq INTEGER NOT NULL
  );

  CREATE TABLE contents (
    id INTEGER PRIMARY KEY,
    seq INTEGER NOT NULL,
    name TEXT NOT NULL,
    media TEXT NOT NULL,
    size INTEGER NOT NULL,
    salt BLOB,
    bytes TEXT
  );
  CREATE INDEX contents_by_event ON contents (seq, name);

  CREATE TABLE owned (key TEXT PRIMARY KEY, session INTEGER NOT NULL) WITHOUT ROWID;

  CREATE TABLE sources (
    path TEXT PRIMARY KEY,
    agent TEXT NOT NULL,
    dialect TEXT NOT NULL,
    inode TEXT NOT NULL,
    size INTEGER NOT NULL,
    offset INTEGER NOT NULL,
    line INTEGER NOT NULL,
    prefix_hash TEXT NOT NULL,
    state TEXT NOT NULL,
    report TEXT NOT NULL
  ) WITHOUT ROWID;

  CREATE TABLE totals (
    root INTEGER PRIMARY KEY,
    through_seq INTEGER NOT NULL,
    value TEXT NOT NULL
  );

  CREATE TABLE metrics (
    root INTEGER PRIMARY KEY,
    through_seq INTEGER NOT NULL,
    basis TEXT NOT NULL,
    value TEXT NOT NULL
  );

  CREATE TABLE segments (
    root INTEGER NOT NULL,
    n INTEGER NOT NULL,
    through_seq INTEGER NOT NULL,
    facts_through INTEGER NOT NULL,
    PRIMARY KEY (root, n)
  ) WITHOUT ROWID;

  CREATE TABLE settled (
    ordinal INTEGER PRIMARY KEY AUTOINCREMENT,
    operation TEXT NOT NULL UNIQUE,
    root INTEGER NOT NULL,
    n INTEGER NOT NULL,
    through_seq INTEGER NOT NULL
  );
  CREATE INDEX settled_by_trace ON settled (root, n, ordinal);

  CREATE TABLE destinations (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE,
    created_us INTEGER NOT NULL
  );

  CREATE TABLE deliveries (
    destination INTEGER NOT NULL,
    root INTEGER NOT NULL,
    signal TEXT NOT NULL,
    format TEXT NOT NULL,
    profile TEXT NOT NULL,
    position TEXT NOT NULL,
    through_seq INTEGER NOT NULL,
    accepted INTEGER NOT NULL DEFAULT 0,
    rejected INTEGER NOT NULL DEFAULT 0,
    refused INTEGER NOT NULL DEFAULT 0,
    updated_us INTEGER NOT NULL,
    PRIMARY KEY (destination, root, signal, format)
  ) WITHOUT ROWID;

  CREATE TABLE refused (
    destination INTEGER NOT NULL,
    root INTEGER NOT NULL,
    operation TEXT NOT NULL,
    status INTEGER NOT NULL,
    message TEXT NOT NULL,
    at_us INTEGER NOT NULL,
    PRIMARY KEY (destination, root, operation)
  ) WITHOUT ROWID;

  CREATE TABLE annotations (
    id TEXT PRIMARY KEY,
    root INTEGER NOT NULL,
    operation TEXT,
    name TEXT NOT NULL,
    data_type TEXT NOT NULL,
    value REAL,
    label TEXT,
    comment TEXT,
    source TEXT NOT NULL,
    at_us INTEGER NOT NULL
  ) WITHOUT ROWID;
  CREATE INDEX annotations_by_trace ON annotations (root, name);

  CREATE TABLE baselines (name TEXT PRIMARY KEY, value TEXT NOT NULL, updated_us INTEGER NOT NULL) WITHOUT ROWID;

  CREATE TABLE leaves (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    leaf TEXT NOT NULL,
    at_us INTEGER NOT NULL
  );

  CREATE TABLE checkpoints (
    size INTEGER NOT NULL,
    root TEXT NOT NULL,
    key TEXT NOT NULL,
    note TEXT NOT NULL,
    at_us INTEGER NOT NULL,
    PRIMARY KEY (size, key)
  ) WITHOUT ROWID;

  CREATE TABLE tombstones (
    session_id TEXT PRIMARY KEY,
    root_id TEXT NOT NULL,
    row INTEGER NOT NULL,
    at_us INTEGER NOT NULL
  ) WITHOUT ROWID;

  CREATE TABLE holds (session_id TEXT PRIMARY KEY, reason TEXT NOT NULL, at_us INTEGER NOT NULL) WITHOUT ROWID;

  CREATE TABLE leases (name TEXT PRIMARY KEY, holder TEXT NOT NULL, expires_us INTEGER NOT NULL) WITHOUT ROWID;
  `,
  // Contents are numbered by their event (content-ids.ts), so that a page's texts are adjacent and need no index.
  `
  ALTER TABLE contents RENAME TO contents_before;
  CREATE TABLE contents (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    media TEXT NOT NULL,
    size INTEGER NOT NULL,
    salt BLOB,
    bytes TEXT
  );
  INSERT INTO contents (id, name, media, size, salt, bytes)
    SELECT seq * 8 + row_number() OVER (PARTITION BY seq ORDER BY id) - 1, name, media, size, salt, bytes
    FROM contents_before;
  DROP TABLE contents_before;
  `,
];

export const SCHEMA_VERSION = MIGRATIONS.length;

/**
 * Migrates the store to this program's schema in one transaction. Several processes may open a new file at once, so the
 * version that counts is the one read under the write lock. `checkEmpty` throws when an unversioned file is not a
 * store.
 */
export function migrate(database: Database, checkEmpty: () => void): void {
  database
    .transaction(() => {
      const version = database.pragma('user_version', { simple: true }) as number;
      if (version >= SCHEMA_VERSION) return;
      if (version === 0) checkEmpty();
      for (const statements of MIGRATIONS.slice(version)) database.exec(statements);
      database.pragma(`user_version = ${SCHEMA_VERSION}`);
    })
    .immediate();
}
