import type SqliteDatabase from 'better-sqlite3';

interface Loaded {
  /** As it is installed. */
  readonly name: string;
  readonly Sqlite: typeof SqliteDatabase;
}

/**
 * better-sqlite3 13 from Node 22 on, because 12 may abort a Node of 24.19 or newer; 12 below, because 13 ends Node 20 with
 * a segmentation fault (adr/0019).
 */
function load(): Loaded {
  if (Number.parseInt(process.versions.node, 10) >= 22) {
    try {
      const name = 'better-sqlite3-13';
      const Sqlite = installed(name);
      // Its binary is loaded with the first database.
      new Sqlite(':memory:').close();
      return { name, Sqlite };
    } catch {
      // It was left out, or has no binary for this platform or this C library: 12 may have been compiled here.
    }
  }
  return { name: 'better-sqlite3', Sqlite: installed('better-sqlite3') };
}

function installed(name: string): typeof SqliteDatabase {
  return process.getBuiltinModule('node:module').createRequire(import.meta.url)(name);
}

export const { name: SQLITE_PACKAGE, Sqlite } = load();
