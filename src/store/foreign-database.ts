import type { Database } from 'better-sqlite3';
import { AgentStraceError, messageOf } from '../errors.ts';
import { Sqlite } from './sqlite.ts';

const BUSY_MILLIS = 500;

/** A foreign SQLite database, read-only and with its write-ahead log in view. Close it after use. */
export interface OpenForeignDatabase {
  tables(): readonly string[];
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
    opened.pragma('query_only = ON');
    // In a damaged schema a name may be anything.
    const names = opened
      .prepare(
        "SELECT name FROM sqlite_schema WHERE type IN ('table', 'view') AND typeof(name) = 'text' ORDER BY name",
      )
      .pluck();
    return {
      tables: () => names.all() as string[],
      columns: (table) =>
        (opened.pragma(`table_info(${quoted(table)})`) as { name: string }[]).map(
          (column) => column.name,
        ),
      rows: (sql, ...parameters) =>
        opened.prepare(sql).iterate(...parameters) as Iterable<Record<string, unknown>>,
      close: () => opened.close(),
    };
  } catch (error) {
    database?.close();
    throw foreignFailure(path, error);
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
