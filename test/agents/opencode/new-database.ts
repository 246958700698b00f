import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { temporaryFolder } from '../../support/temporary-store.ts';

/** When the sessions of these databases begin, milliseconds. */
export const T = 1_790_000_000_000;

/** A new file, removed after the test. */
export function newDatabase(): { path: string; database: Sqlite.Database } {
  const path = join(temporaryFolder(), 'opencode.db');
  const database = new Sqlite(path);
  database.pragma('synchronous = off');
  database.pragma('journal_mode = memory');
  return { path, database };
}

/** The tables of 1.x. */
export const FIRST = `
  create table session (id text primary key, parent_id text, directory text, title text, version text, agent text, time_created integer, time_updated integer);
  create table message (id text primary key, session_id text, time_created integer, time_updated integer, data text);
  create table part (id text primary key, message_id text, session_id text, time_created integer, time_updated integer, data text);`;
/** The tables that 2.x has beside them. */
export const SECOND = `
  create table session_v2 (id text primary key, parent_id text, fork_session_id text, directory text, title text, version text, agent text, time_created integer, time_updated integer);
  create table session_message (id text primary key, session_id text, type text, seq integer, time_created integer, time_updated integer, data text);`;

export function session(
  database: Sqlite.Database,
  id: string,
  more: Record<string, unknown> = {},
  table = 'session',
): void {
  const row = { parent: null, title: 'Tide tables', agent: 'build', at: T, ...more };
  database
    .prepare(
      `insert into ${table} (id, parent_id, directory, title, version, agent, time_created, time_updated) values (?, ?, '/home/ada/tides', ?, '1.18.13', ?, ?, ?)`,
    )
    .run(id, row.parent, row.title, row.agent, row.at, row.at);
}

export function message(
  database: Sqlite.Database,
  sessionId: string,
  id: string,
  at: number,
  data: object,
  parts: readonly object[] = [],
): void {
  database
    .prepare('insert or replace into message values (?, ?, ?, ?, ?)')
    .run(id, sessionId, T + at, T + at, JSON.stringify(data));
  for (const [index, part] of parts.entries()) {
    const row = [
      `prt_${id}_${index}`,
      id,
      sessionId,
      T + at + 100 * (index + 1),
      T + at,
      JSON.stringify(part),
    ];
    database.prepare('insert or replace into part values (?, ?, ?, ?, ?, ?)').run(...row);
  }
}

export function entry(
  database: Sqlite.Database,
  sessionId: string,
  seq: number,
  type: string,
  at: number,
  data: object,
): void {
  database
    .prepare('insert or replace into session_message values (?, ?, ?, ?, ?, ?, ?)')
    .run(`msg_${sessionId}_${seq}`, sessionId, type, seq, T + at, T + at, JSON.stringify(data));
}

export const tokens = (input: number, output: number, reasoning = 0, read = 0, write = 0) => ({
  input,
  output,
  reasoning,
  cache: { read, write },
});
