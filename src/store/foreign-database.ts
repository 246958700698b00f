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
    const others = new Set(namesOf(opened, `NOT (${IS_TABLE})`).map((name) => name.toLowerCase()));
    return {
      tables: () => tables,
      columns: (table) =>
        tables.includes(table)
          ? (opened.pragma(`table_info(${quoted(table)})`) as { name: string }[]).map(
              (column) => column.name,
            )
          : [],
      rows(sql, ...parameters) {
        refuseOthers(path, sql, others);
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

const READ_FROM = /\b(?:from|join)\s+(\w+)/gi;

/** Queries name tables without looking for each of them first. */
function refuseOthers(path: string, sql: string, others: ReadonlySet<string>): void {
  if (others.size === 0) return;
  for (const [, name = ''] of sql.matchAll(READ_FROM))
    if (others.has(name.toLowerCase()))
      throw new AgentStraceError('unreadable_input', `${path}: ${name} is no table but a view`);
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
