import { basename } from 'node:path';
import type {
  Detection,
  FileSample,
  ForeignDatabase,
  ReadResult,
  SourceContext,
  WholeSource,
} from '../agent.ts';
import { isSqlite } from '../file-head.ts';
import { checkColumns } from '../foreign-tables.ts';
import { type JsonObject, parsedJson, textOf } from '../json-values.ts';
import { writtenJson } from '../written-json.ts';
import { idOf } from './json-value.ts';
import { microsOf } from './line.ts';
import { openTranscript } from './transcript.ts';

/** Where Claude Code kept its sessions in the spring of 2025 (0.2.90 to 0.2.109). */
export const MESSAGE_DATABASE = '__store.db';

const NEEDED: Readonly<Record<string, readonly string[]>> = {
  base_messages: ['uuid', 'parent_uuid', 'session_id', 'timestamp', 'message_type'],
  assistant_messages: ['uuid', 'message'],
  user_messages: ['uuid', 'message'],
};
/** The tables share names of columns: what only one of them has keeps its name. */
const MESSAGES = `select a.*, u.tool_use_result, u.message as said, b.*
  from base_messages b left join assistant_messages a on a.uuid = b.uuid left join user_messages u on u.uuid = b.uuid
  where b.session_id = ? order by b.timestamp, b.rowid`;
const SUMMARIES = `select s.leaf_uuid, s.summary from conversation_summaries s
  join base_messages b on b.uuid = s.leaf_uuid where b.session_id = ? order by s.updated_at`;

/** Recognises that database by its tables, or by its name if they are beyond the sample. */
export function detectMessageDatabase(sample: FileSample): Detection | null {
  if (!isSqlite(sample.head)) return null;
  const schema = sample.head.toString('latin1');
  const known = schema.includes('base_messages') && schema.includes('assistant_messages');
  if (!known && basename(sample.path) !== MESSAGE_DATABASE) return null;
  return { container: 'database', dialect: 'message database' };
}

/** Reads each session as the transcript lines that later versions wrote for the same messages. */
export function readMessageDatabase(
  database: ForeignDatabase,
  context: SourceContext,
): WholeSource {
  for (const [table, needed] of Object.entries(NEEDED))
    checkColumns(database, table, needed, { program: 'Claude Code', path: context.path });
  return { results: results(database, context), state: () => '{}' };
}

function* results(database: ForeignDatabase, context: SourceContext): Generator<ReadResult> {
  const hasSummaries = database.tables().includes('conversation_summaries');
  const sessions = database.rows(
    'select session_id as id, min(timestamp) as first from base_messages group by session_id order by first, id',
  );
  for (const { id, first } of [...sessions]) {
    const session = idOf(id);
    if (session === undefined) continue;
    const detection = { ...context.detection, session, oldestMicros: microsOf(first) };
    const reader = openTranscript({ ...context, state: undefined, detection });
    const read = (line: JsonObject, number: number) => reader.read(line, writtenJson(line), number);
    let number = 0;
    if (hasSummaries)
      for (const row of database.rows(SUMMARIES, session))
        yield read({ type: 'summary', summary: row.summary, leafUuid: row.leaf_uuid }, ++number);
    for (const row of database.rows(MESSAGES, session)) yield read(lineOf(row), ++number);
  }
}

function lineOf(row: Record<string, unknown>): JsonObject {
  return {
    parentUuid: row.parent_uuid,
    isSidechain: row.isSidechain === 1,
    userType: row.user_type,
    cwd: row.cwd,
    sessionId: row.session_id,
    version: row.version,
    type: row.message_type,
    message: parsedJson(textOf(row.said ?? row.message) ?? ''),
    toolUseResult: parsedJson(textOf(row.tool_use_result) ?? ''),
    costUSD: row.cost_usd ?? undefined,
    durationMs: row.duration_ms ?? undefined,
    isApiErrorMessage: row.is_api_error_message === 1 ? true : undefined,
    uuid: row.uuid,
    timestamp: row.timestamp,
  };
}
