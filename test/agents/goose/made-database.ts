import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { temporaryFolder } from '../../support/temporary-store.ts';

export const T = 1_790_000_000;

export function newDatabase(ledger = true) {
  const path = join(temporaryFolder(), 'sessions.db');
  const database = new Sqlite(path);
  database.pragma('synchronous = off');
  database.exec(`
    CREATE TABLE sessions (id TEXT PRIMARY KEY, name TEXT, session_type TEXT, working_dir TEXT NOT NULL, created_at TEXT, updated_at TEXT,
      accumulated_input_tokens INTEGER, accumulated_output_tokens INTEGER, accumulated_cost REAL, provider_name TEXT, model_config_json TEXT, parent_session_id TEXT);
    CREATE TABLE messages (id INTEGER PRIMARY KEY AUTOINCREMENT, message_id TEXT, session_id TEXT, role TEXT, content_json TEXT, created_timestamp INTEGER, metadata_json TEXT);`);
  if (ledger) {
    database.exec(`CREATE TABLE usage_ledger (id INTEGER PRIMARY KEY AUTOINCREMENT, session_id TEXT, created_timestamp INTEGER, model TEXT, input_tokens INTEGER,
      output_tokens INTEGER, total_tokens INTEGER, cache_read_tokens INTEGER, cache_write_tokens INTEGER, cost REAL, cost_source TEXT, is_compaction INTEGER DEFAULT 0)`);
  }
  return { path, database };
}

export function session(database: Sqlite.Database, id: string, parent: string | null = null): void {
  const config = JSON.stringify({
    model_name: 'claude-sonnet-4-5',
    temperature: 0.5,
    max_tokens: 4096,
  });
  database
    .prepare(
      "insert into sessions values (?, 'Feed the geese', 'user', '/home/ada/pond', '2026-09-21 13:33:20', '2026-09-21 13:40:00', 900, 90, null, 'anthropic', ?, ?)",
    )
    .run(id, config, parent);
}

export function message(
  database: Sqlite.Database,
  sessionId: string,
  role: string,
  at: number,
  content: unknown,
  metadata: object = {},
): void {
  const row = [
    `chatcmpl-${at}`,
    sessionId,
    role,
    JSON.stringify(content),
    T + at,
    JSON.stringify(metadata),
  ];
  database
    .prepare(
      'insert into messages (message_id, session_id, role, content_json, created_timestamp, metadata_json) values (?, ?, ?, ?, ?, ?)',
    )
    .run(...row);
}

export function ledgerRow(
  database: Sqlite.Database,
  sessionId: string,
  at: number,
  tokens: readonly (number | null)[],
  cost: number | null = null,
  compaction = 0,
): void {
  database
    .prepare(
      'insert into usage_ledger (session_id, created_timestamp, model, input_tokens, output_tokens, total_tokens, cache_read_tokens, cache_write_tokens, cost, is_compaction) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
    )
    .run(sessionId, T + at, 'claude-sonnet-4-5', ...tokens, cost, compaction);
}

export const request = (id: string, name: string, input: object = {}) => ({
  type: 'toolRequest',
  id,
  toolCall: { status: 'success', value: { name, arguments: input } },
});
export const response = (id: string, toolResult: object) => ({
  type: 'toolResponse',
  id,
  toolResult,
});
export const usage = (inputTokens: number, outputTokens: number) => ({
  usage: {
    inputTokens,
    outputTokens,
    totalTokens: inputTokens + outputTokens,
    elapsedMs: 2000,
    timeToFirstTokenMs: 500,
  },
});
export const text = (value: string) => ({ type: 'text', text: value });
