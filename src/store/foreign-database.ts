import type { Database } from 'better-sqlite3';
import { AgentStraceError, messageOf } from '../errors.ts';
import { Sqlite } from './sqlite.ts';

const BUSY_MILLIS = 500;

/** A foreign SQLite database, read-only and with its write-ahead log in view. Close it after use. */
export interface OpenForeignDatabase {
  /** Views and virtual tables are none, and cannot be read. */
  tables(): readonly string[];
  /** None where it is no such table. */
  columns(table: string): readonly string[];
  rows(
    sql: string,
    ...parameters: readonly (string | number | null)[]
  ): Iterable<Record<string, unknown>>;
  close(): void;
}

/** Opens somebody else's database without changing it. Throws `unreadable_input` when it is locked or damaged. */
export function openForeignDatabase(path: string): OpenForeignDatabase {
  let database: Database | undefined;
  try {
    database = new Sqlite(path, {
      readonly: true,
      fileMustExist: true,
      timeout: BUSY_MILLIS,
    });
    const opened = database;
    for (const setting of ['query_only = ON', 'trusted_schema = OFF', 'cell_size_check = ON'])
      opened.pragma(setting);
    const tables = namesOf(opened, IS_TABLE);
    const refused = refusedNames(opened);
    return {
      tables: () => tables,
      columns: (table) =>
        tables.includes(table)
          ? (opened.pragma(`table_info(${quoted(table)})`) as { name: string }[]).map(
              (column) => column.name,
            )
          : [],
      rows(sql, ...parameters) {
        refuseNames(path, sql, refused);
        return opened.prepare(sql).iterate(...parameters) as Iterable<Record<string, unknown>>;
      },
      close: () => opened.close(),
    };
  } catch (error) {
    database?.close();
    throw foreignFailure(path, error);
  }
}

/** A view could hold a query that never ends, and what is behind a virtual table is up to whoever made the file. */
const IS_TABLE = "type = 'table'";

/** By the statements that made them: what else the schema says of them may be made up. */
function namesOf(database: Database, which: string): string[] {
  return database
    .prepare(`SELECT name FROM pragma_table_list WHERE schema = 'main' AND ${which} ORDER BY name`)
    .pluck()
    .all() as string[];
}

/** A column that is computed whenever it is read may take for ever as well. */
const COMPUTED = `EXISTS (SELECT 1 FROM pragma_table_xinfo(pragma_table_list.name) WHERE hidden = 2)`;

/** What no query may name, in lower case, and why. */
function refusedNames(database: Database): Map<string, string> {
  const because = (which: string, why: string) =>
    namesOf(database, which).map((name): [string, string] => [name.toLowerCase(), why]);
  return new Map([
    ...because(`${IS_TABLE} AND ${COMPUTED}`, 'has a computed column, which is not read'),
    ...because(`NOT (${IS_TABLE})`, 'is no table but a view'),
  ]);
}

const READ_FROM = /\b(?:from|join)\s+(\w+)/gi;

/** Queries name tables without looking for each of them first. */
function refuseNames(path: string, sql: string, refused: ReadonlyMap<string, string>): void {
  if (refused.size === 0) return;
  for (const [, name = ''] of sql.matchAll(READ_FROM)) {
    const why = refused.get(name.toLowerCase());
    if (why !== undefined)
      throw new AgentStraceError('unreadable_input', `${path} cannot be read: ${name} ${why}`);
  }
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** One sentence for a locked, damaged or vanished foreign database. */
export function foreignFailure(path: string, error: unknown): AgentStraceError {
  const code = (error as { code?: string }).code ?? '';
  const reason = code.startsWith('SQLITE_BUSY')
    ? 'is locked by another program; try again'
    : code.startsWith('SQLITE_NOTADB') || code.startsWith('SQLITE_CORRUPT')
      ? 'is not a readable SQLite database'
      : `cannot be read: ${messageOf(error)}`;
  return new AgentStraceError('unreadable_input', `${path} ${reason}`, { cause: error });
}
