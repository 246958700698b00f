import { AgentStraceError } from '../../errors.ts';
import type { ForeignDatabase, ReadResult, SourceContext, WholeSource } from '../agent.ts';
import { unknownNotice } from '../drafts.ts';
import {
  countOf,
  entryOf,
  integerOf,
  type JsonObject,
  labelOf,
  objectOf,
  parsedJson,
  textOf,
} from '../json-values.ts';
import { microsOfMillis } from '../timestamps.ts';
import { type Copied, copiedMessages } from './copied-messages.ts';
import { stateEntry } from './entries.ts';
import type { MessageRecord, PartRecord } from './message-record.ts';
import { stateMessage } from './messages.ts';
import { type Conversation, startConversation } from './scene.ts';
import { originOf, type SessionRecord, sessionDrafts, sessionId } from './sessions.ts';

const MAX_DEPTH = 16;
type Row = Record<string, unknown>;

/** Columns that have to be there before a table is read; a changed schema is an error, not an empty history. */
const NEEDED: Readonly<Record<string, readonly string[]>> = {
  session: ['id', 'time_created'],
  session_v2: ['id', 'time_created'],
  message: ['id', 'session_id', 'time_created', 'data'],
  part: ['id', 'message_id', 'session_id', 'data'],
  session_message: ['id', 'session_id', 'type', 'data'],
};

/** Reads an OpenCode database of either generation; sessions that exist in both are taken from the newer one. */
export function readOpenCodeDatabase(
  database: ForeignDatabase,
  context: SourceContext,
): WholeSource {
  const tables = new Set(database.tables().filter((name) => entryOf(NEEDED, name) !== undefined));
  for (const table of tables) checkColumns(database, context.path, table);
  if (!tables.has('session') && !tables.has('session_v2')) {
    throw new AgentStraceError(
      'unreadable_input',
      `${context.path} has no session table that this version knows; OpenCode may have changed its format`,
    );
  }
  const before = countOf(objectOf(parsedJson(context.state ?? ''))?.readThrough) ?? -1;
  let newest = before;
  function* results(): Generator<ReadResult> {
    const sessions = listSessions(database, tables);
    for (const found of sessions.values()) {
      const updated = lastChange(database, tables, found);
      if (updated > newest) newest = updated;
      if (updated >= before) yield* readSession(database, found, sessions, context.nameOf);
    }
  }
  return { results: results(), state: () => JSON.stringify({ readThrough: newest }) };
}

function checkColumns(database: ForeignDatabase, path: string, table: string): void {
  const columns = new Set(database.columns(table));
  const missing = NEEDED[table]?.filter((column) => !columns.has(column)) ?? [];
  if (missing.length === 0) return;
  throw new AgentStraceError(
    'unreadable_input',
    `${path}: table ${table} has no column ${missing.join(', ')}; OpenCode has changed its format`,
  );
}

interface FoundSession {
  readonly row: Row;
  readonly id: string;
  readonly generation: 1 | 2;
}

/** Every session once, with the generation that holds its messages. */
function listSessions(
  database: ForeignDatabase,
  tables: ReadonlySet<string>,
): Map<string, FoundSession> {
  const withMessages = (table: string) =>
    new Set(
      tables.has(table)
        ? [...database.rows(`select distinct session_id as id from ${table}`)].map((row) => row.id)
        : [],
    );
  const first = withMessages('message');
  const second = withMessages('session_message');
  const found = new Map<string, FoundSession>();
  for (const table of ['session_v2', 'session']) {
    if (!tables.has(table)) continue;
    for (const row of database.rows(`select * from ${table} order by time_created, id`)) {
      const id = sessionId(row.id);
      if (id === undefined || found.has(id)) continue;
      const newer = second.has(id) && (table === 'session_v2' || !first.has(id));
      found.set(id, { row, id, generation: newer ? 2 : 1 });
    }
  }
  return found;
}

function lastChange(
  database: ForeignDatabase,
  tables: ReadonlySet<string>,
  found: FoundSession,
): number {
  let newest = integerOf(found.row.time_updated) ?? integerOf(found.row.time_created) ?? 0;
  for (const table of found.generation === 2 ? ['session_message'] : ['message', 'part']) {
    if (!tables.has(table) || !database.columns(table).includes('time_updated')) continue;
    for (const row of database.rows(
      `select max(time_updated) as newest from ${table} where session_id = ?`,
      found.id,
    )) {
      newest = Math.max(newest, integerOf(row.newest) ?? 0);
    }
  }
  return newest;
}

function recordOf(found: FoundSession, sessions: ReadonlyMap<string, FoundSession>): SessionRecord {
  const { row, id } = found;
  const parent = sessionId(row.parent_id);
  return {
    id,
    parent,
    // A parent that was deleted cannot hold a trace.
    root: parent === undefined || !sessions.has(parent) ? undefined : rootOf(parent, sessions),
    version: labelOf(row.version, 60),
    directory: labelOf(row.directory),
    title: labelOf(row.title, 1000),
    agent: labelOf(row.agent, 100),
    forkedFrom: sessionId(row.fork_session_id),
    createdMicros: microsOfMillis(row.time_created),
    updatedMillis: countOf(row.time_updated) ?? 0,
  };
}

function rootOf(parent: string, sessions: ReadonlyMap<string, FoundSession>): string {
  let root = parent;
  for (let depth = 0; depth < MAX_DEPTH; depth++) {
    const above = sessionId(sessions.get(root)?.row.parent_id);
    if (above === undefined || !sessions.has(above)) break;
    root = above;
  }
  return root;
}

function* readSession(
  database: ForeignDatabase,
  found: FoundSession,
  sessions: ReadonlyMap<string, FoundSession>,
  nameOf: SourceContext['nameOf'],
): Generator<ReadResult> {
  const record = recordOf(found, sessions);
  const { id, generation, row } = found;
  const from = sessions.has(record.forkedFrom ?? '') ? record.forkedFrom : undefined;
  const copied = copiedMessages(database, { id, created: row.time_created, from }, generation);
  const forkedFrom = record.forkedFrom ?? copied.from;
  yield { verdict: 'parsed', events: sessionDrafts({ ...record, forkedFrom }, 0, nameOf) };
  const talk = startConversation(originOf(id, record.root), nameOf);
  if (generation === 2) yield* readEntries(database, talk, { id, copied });
  else yield* readMessages(database, talk, { id, copied });
}

interface Rows {
  /** The session's id. */
  readonly id: string;
  readonly copied: Copied;
}

const COPY: ReadResult = { verdict: 'ignored', events: [] };

/** Each row together with whether another one follows it. */
function* withNext(rows: Iterable<Row>): Generator<{ row: Row; settled: boolean }> {
  let held: Row | undefined;
  for (const row of rows) {
    if (held !== undefined) yield { row: held, settled: true };
    held = row;
  }
  if (held !== undefined) yield { row: held, settled: false };
}

function* readMessages(
  database: ForeignDatabase,
  talk: Conversation,
  { id, copied }: Rows,
): Generator<ReadResult> {
  const rows = database.rows(
    'select * from message where session_id = ? order by time_created, id',
    id,
  );
  for (const { row, settled } of withNext(rows)) {
    if (copied.ids.has(row.id)) {
      yield COPY;
      continue;
    }
    const data = objectOf(parsedJson(textOf(row.data) ?? ''));
    if (data === undefined) {
      yield oddRow(talk, row, 'message-without-json');
      continue;
    }
    const createdMicros =
      microsOfMillis(objectOf(data.time)?.created) ?? microsOfMillis(row.time_created) ?? 0;
    const message: MessageRecord = {
      id: String(row.id),
      data,
      parts: readParts(database, String(row.id)),
      createdMicros,
      updatedMillis: countOf(row.time_updated) ?? 0,
      settled,
    };
    const odd = stateMessage(talk, message);
    yield resultOf(talk, message, odd, () =>
      JSON.stringify([data, ...message.parts.map((part) => part.data)]),
    );
  }
}

function readParts(database: ForeignDatabase, message: string): PartRecord[] {
  const parts: PartRecord[] = [];
  for (const row of database.rows('select * from part where message_id = ? order by id', message)) {
    const data: JsonObject = objectOf(parsedJson(textOf(row.data) ?? '')) ?? { type: 'unreadable' };
    parts.push({
      id: String(row.id),
      data,
      createdMicros: microsOfMillis(row.time_created),
      updatedMillis: countOf(row.time_updated) ?? 0,
    });
  }
  return parts;
}

function* readEntries(
  database: ForeignDatabase,
  talk: Conversation,
  { id, copied }: Rows,
): Generator<ReadResult> {
  // Versions 1.14 and 1.15 had the table without numbers, as an index beside the messages.
  const numbered = database.columns('session_message').includes('seq');
  const rows = database.rows(
    `select * from session_message where session_id = ? order by ${numbered ? 'seq' : 'time_created'}, id`,
    id,
  );
  for (const { row, settled } of withNext(rows)) {
    if (copied.ids.has(row.id)) {
      yield COPY;
      continue;
    }
    const data = objectOf(parsedJson(textOf(row.data) ?? ''));
    if (data === undefined) {
      yield oddRow(talk, row, 'session-message-without-json');
      continue;
    }
    const createdMicros =
      microsOfMillis(objectOf(data.time)?.created) ?? microsOfMillis(row.time_created) ?? 0;
    const type = textOf(row.type) ?? '';
    const entry = {
      id: String(row.id),
      type,
      data,
      createdMicros,
      updatedMillis: countOf(row.time_updated) ?? 0,
      settled,
    };
    const verdict = stateEntry(talk, entry);
    if (verdict.verdict === 'ignored') yield { verdict: 'ignored', events: talk.out.splice(0) };
    else
      yield resultOf(talk, entry, verdict.verdict === 'unknown' ? verdict.shape : undefined, () =>
        JSON.stringify(data),
      );
  }
}

function resultOf(
  talk: Conversation,
  { id, createdMicros }: { readonly id: string; readonly createdMicros: number },
  odd: string | undefined,
  raw: () => string,
): ReadResult {
  const events = talk.out.splice(0);
  if (odd === undefined) return { verdict: 'parsed', events };
  const notice = unknownNotice(
    talk.origin,
    { place: id, raw: raw(), shape: odd },
    { atMicros: createdMicros, timeBasis: 'recorded' },
  );
  return { verdict: 'unknown', events: [...events, notice], shape: odd };
}

function oddRow(talk: Conversation, row: Row, shape: string): ReadResult {
  const raw = typeof row.data === 'string' ? row.data : '';
  const at = { atMicros: microsOfMillis(row.time_created) ?? 0, timeBasis: 'recorded' as const };
  const record = { place: String(row.id), raw, shape };
  return { verdict: 'unknown', events: [unknownNotice(talk.origin, record, at)], shape };
}
