import { AgentStraceError } from '../../errors.ts';
import type { ForeignDatabase, ReadResult, SourceContext, WholeSource } from '../agent.ts';
import { originOf, unknownNotice } from '../drafts.ts';
import { listOf, objectOf, parsedJson, textOf } from '../json-values.ts';
import { microsOfIso } from '../timestamps.ts';
import { type Calls, readAssistant, stateUnanswered, type Telling } from './answers.ts';
import { type Copied, copyFinder, ownRow } from './copied-messages.ts';
import { ledgerRow, usageOfMetadata, usedMore, walkLedger } from './ledger.ts';
import { inResponses, type MessageRow } from './message-rows.ts';
import { type MessageRecord, oddPart, stateUserMessage } from './messages.ts';
import { isOwnMessage, stateOwnMessage } from './own-words.ts';
import { type Conversation, microsOfCreated, nextMessageId, startConversation } from './scene.ts';
import { callDefaults, sessionDrafts, sessionId, sessionTotals } from './sessions.ts';

const MAX_DEPTH = 16;
type Row = Record<string, unknown>;

const NEEDED: Readonly<Record<string, readonly string[]>> = {
  sessions: ['id', 'working_dir', 'created_at'],
  messages: ['id', 'session_id', 'role', 'content_json', 'created_timestamp'],
};

/** Reads Goose's `sessions.db`. Sessions that have not changed since the last reading are passed over. */
export function readGooseDatabase(database: ForeignDatabase, context: SourceContext): WholeSource {
  for (const [table, needed] of Object.entries(NEEDED)) {
    const columns = new Set(database.columns(table));
    const missing = needed.filter((column) => !columns.has(column));
    if (missing.length === 0) continue;
    throw new AgentStraceError(
      'unreadable_input',
      `${context.path}: table ${table} has no column ${missing.join(', ')}; Goose has changed its format`,
    );
  }
  const before = objectOf(parsedJson(context.state ?? '')) ?? {};
  const seen = new Map<string, string>(listOf(before.sessions).filter(isPair));
  const hasLedger = database.tables().includes('usage_ledger');
  const marks = new Map(seen);
  function* results(): Generator<ReadResult> {
    const rows = new Map<string, Row>();
    for (const row of database.rows('select * from sessions order by created_at, id')) {
      const id = sessionId(row.id);
      if (id !== undefined) rows.set(id, row);
    }
    const lastMessages = lastOf(database, 'messages');
    const lastCalls = hasLedger ? lastOf(database, 'usage_ledger') : undefined;
    const copiesIn = copyFinder(database, (id) => microsOfIso(rows.get(id)?.created_at));
    for (const [id, row] of rows) {
      const mark = markOf(row, lastMessages.get(id), lastCalls?.get(id));
      if (seen.get(id) === mark) continue;
      yield* readSession(database, {
        row,
        id,
        root: rootOf(id, rows),
        copied: copiesIn({ id: row.id as string, createdMicros: microsOfIso(row.created_at) }),
        hasLedger,
        nameOf: context.nameOf,
      });
      marks.set(id, mark);
    }
  }
  return { results: results(), state: () => JSON.stringify({ sessions: [...marks] }) };
}

function isPair(value: unknown): value is [string, string] {
  return Array.isArray(value) && typeof value[0] === 'string' && typeof value[1] === 'string';
}

/** Number of the last row of each session: one look at the table, which may have no index. */
function lastOf(database: ForeignDatabase, table: string): ReadonlyMap<unknown, unknown> {
  const sql = `select session_id as session, max(id) as last from ${table} group by session_id`;
  return new Map([...database.rows(sql)].map(({ session, last }) => [sessionId(session), last]));
}

/** Changes whenever a session's row, messages or ledger do. */
function markOf(row: Row, lastMessage: unknown, lastCall: unknown): string {
  return JSON.stringify([
    row.updated_at ?? null,
    row.name ?? null,
    lastMessage ?? 0,
    lastCall ?? 0,
  ]);
}

function rootOf(id: string, rows: ReadonlyMap<string, Row>): string | undefined {
  let root: string | undefined;
  let above = sessionId(rows.get(id)?.parent_session_id);
  for (let depth = 0; above !== undefined && above !== id && depth < MAX_DEPTH; depth++) {
    // A parent that was deleted cannot hold a trace.
    if (!rows.has(above)) break;
    root = above;
    above = sessionId(rows.get(above)?.parent_session_id);
  }
  return root;
}

interface FoundSession extends Pick<SourceContext, 'nameOf'> {
  readonly row: Row;
  readonly id: string;
  readonly root: string | undefined;
  readonly copied: Copied;
  readonly hasLedger: boolean;
}

function* readSession(database: ForeignDatabase, found: FoundSession): Generator<ReadResult> {
  const { row, id, root, copied, nameOf } = found;
  yield { verdict: 'parsed', events: sessionDrafts(ownRow(row, copied), id, root, 0, nameOf) };
  const talk = startConversation(originOf(id, root), nameOf);
  const defaults = callDefaults(row);
  const ledger = found.hasLedger
    ? [
        ...database.rows(
          'select * from usage_ledger where session_id = ? order by id',
          row.id as string,
        ),
      ]
        .map(ledgerRow)
        .filter((call) => !call.carried)
    : [];
  const walk = walkLedger(ledger);
  const telling: Telling = {
    usage: false,
    answered: false,
    ledger: ledger.length > 0,
    latest: undefined,
    endMicros: 0,
    model: undefined,
  };
  const rows = database.rows(
    'select * from messages where session_id = ? order by id',
    row.id as string,
  );
  for (const message of inResponses(rows)) {
    yield readMessage(talk, message, {
      walk,
      defaults,
      telling,
      hasLedger: found.hasLedger,
      copied,
    });
  }
  for (const rest of walk.rest()) stateUnanswered(talk, rest, defaults);
  const events = talk.out.splice(0);
  const isOwn = copied.from === undefined || (!found.hasLedger && telling.answered);
  if (isOwn && (found.hasLedger ? usedMore(row, ledger) : !telling.usage)) {
    // Not when the row was changed: a new name changes it too, long after the session.
    const at = microsOfIso(row.created_at) ?? microsOfIso(row.updated_at) ?? 0;
    const totals = sessionTotals(row, id, root, at, nameOf);
    if (totals !== undefined) events.push(totals);
  }
  if (events.length > 0) yield { verdict: 'parsed', events };
}

function readMessage(
  talk: Conversation,
  { row, metadata, usage }: MessageRow,
  calls: Calls & { readonly copied: Copied },
): ReadResult {
  const content = parsedJson(textOf(row.content_json) ?? '');
  const atMicros = microsOfCreated(row.created_timestamp) ?? microsOfIso(row.timestamp) ?? 0;
  const message: MessageRecord = {
    id: nextMessageId(talk, atMicros),
    role: textOf(row.role) ?? '',
    content: listOf(content),
    atMicros,
    shown: metadata?.userVisible !== false,
  };
  if (calls.copied.ids.has(row.id)) {
    // Whether messages state their usage shows in the copies too.
    if (usage !== undefined) calls.telling.usage = true;
    return { verdict: 'ignored', events: [] };
  }
  let shape = Array.isArray(content) ? oddPart(message) : 'message-without-parts';
  if (message.role === 'user') stateUserMessage(talk, message);
  else if (
    message.role === 'assistant' &&
    usageOfMetadata(metadata) === undefined &&
    isOwnMessage(message)
  )
    stateOwnMessage(talk, message);
  else if (message.role === 'assistant') readAssistant(talk, message, { usage, metadata }, calls);
  else shape = 'message-role';
  const events = talk.out.splice(0);
  if (shape === undefined) return { verdict: 'parsed', events };
  const raw = textOf(row.content_json) ?? '';
  return {
    verdict: 'unknown',
    shape,
    events: [
      ...events,
      unknownNotice(
        talk.origin,
        { place: message.id, raw, shape },
        { atMicros, timeBasis: 'recorded' },
      ),
    ],
  };
}
