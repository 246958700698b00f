import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { claude } from '../../src/agents/claude/claude.ts';
import { type ExportSettings, mapperOptionsOf } from '../../src/commands/export/export-settings.ts';
import { spanBuilderOf, treatmentOf } from '../../src/commands/export/export-trace.ts';
import { openTrace } from '../../src/commands/export/recorded-trace.ts';
import type { TimedSpan } from '../../src/exporters/encoder.ts';
import { createJsonTraceEncoder } from '../../src/exporters/otlp-json.ts';
import { createProtobufTraceEncoder } from '../../src/exporters/otlp-protobuf.ts';
import { discover } from '../../src/ingest/discover.ts';
import { importSource } from '../../src/ingest/import-source.ts';
import { otlpGenai } from '../../src/mappers/otlp-genai.ts';
import { createRedactor } from '../../src/processing/redaction/redactor.ts';
import type { EventDraft } from '../../src/session/event.ts';
import type { Operation } from '../../src/session/operation.ts';
import { replay } from '../../src/session/replay.ts';
import type { Store } from '../../src/store/open-store.ts';
import { createTraceReader } from '../../src/store/read-trace.ts';
import { findSession, lastSeqOf, type RootSession } from '../../src/store/sessions.ts';
import { createEventWriter } from '../../src/store/write-events.ts';
import { RECORDED_SESSION, RECORDINGS } from '../support/cli.ts';

/** The call that is followed: a test run that fails. */
const CALL_ID = 'toolu_demo03';

const PROFILE = {
  span_names: 'agent-strace',
  semconv: 'latest',
  content: 'redacted',
  silent_failures: 'mark',
  resource: JSON.stringify({ 'service.name': 'agent-trace' }),
  attributes: '{}',
};

/** What every room makes of the one call. */
export interface FollowedCall {
  readonly lines: readonly { readonly number: number; readonly text: string }[];
  readonly drafts: readonly EventDraft[];
  readonly rows: readonly unknown[];
  readonly contents: readonly unknown[];
  readonly operation: Operation;
  readonly processed: Operation;
  readonly draft: unknown;
  readonly span: TimedSpan;
  readonly json: unknown;
  readonly protobuf: Uint8Array;
}

/** Follows the call through the real rooms, in a store of its own. */
export function followCall(store: Store): FollowedCall {
  const writer = createEventWriter(store);
  for (const source of discover([RECORDINGS], [claude]).sources)
    importSource({ store, writer }, source);
  const root = findSession(store, RECORDED_SESSION);
  const { lines, drafts } = sourceFacts();
  const operation = foldedOperation(store, root);
  return {
    lines,
    drafts,
    ...storedRows(store, operation.id),
    operation,
    ...spanOf(store, root, operation.id),
  };
}

function sourceFacts(): Pick<FollowedCall, 'lines' | 'drafts'> {
  const path = join(RECORDINGS, `claude/projects/-home-dev-shop/${RECORDED_SESSION}.jsonl`);
  const bytes = readFileSync(path);
  const detection = claude.detect({ path: basename(path), size: bytes.length, head: bytes })!;
  const sidecars = { read: () => undefined, list: () => [] };
  const reader = claude.openLines!({
    path,
    detection,
    sidecars,
    state: undefined,
    nameOf: (text) => text,
  });
  const all = bytes.toString('utf8').trimEnd().split('\n');
  const drafts = all.flatMap((text, at) => [...reader.read(JSON.parse(text), text, at + 1).events]);
  return {
    lines: all
      .map((text, at) => ({ number: at + 1, text }))
      .filter(({ text }) => text.includes(`"${CALL_ID}"`)),
    drafts: drafts.filter(
      ({ kind, facts }) => kind.startsWith('tool_') && facts.call_id === CALL_ID,
    ),
  };
}

function storedRows(store: Store, operationId: string): Pick<FollowedCall, 'rows' | 'contents'> {
  const { database } = store;
  const events = database
    .prepare('SELECT seq, kind, at_us, header, hash FROM events WHERE operation = ? ORDER BY seq')
    .all(operationId) as { seq: number; header: string }[];
  const contents = events.flatMap(({ seq }) =>
    database
      .prepare(
        'SELECT id, name, media, size, hex(salt) AS salt, bytes FROM contents WHERE id / 8 = ?',
      )
      .all(seq),
  );
  return {
    rows: events.map((row) => ({ ...row, header: JSON.parse(row.header) as unknown })),
    contents,
  };
}

/** The operation as facts alone make it, before anything is priced, cut or redacted. */
function foldedOperation(store: Store, root: RootSession): Operation {
  const reader = createTraceReader(store);
  const newest = lastSeqOf(store, root.id);
  const feed = { page: (afterSeq: number) => reader.page(root.id, afterSeq, newest, 1000) };
  for (const operation of replay(feed, { rootSession: root.sessionId })) {
    if (operation.kind === 'tool_call' && operation.callId === CALL_ID) return operation;
  }
  throw new Error(`the call ${CALL_ID} is not in the recording`);
}

function spanOf(store: Store, root: RootSession, operationId: string) {
  const redactor = createRedactor({ key: store.redactionKey, homeFolder: '/home/dev' });
  const settings: ExportSettings = {
    mapper: otlpGenai,
    redactor,
    price: undefined,
    profile: PROFILE,
  };
  const treatment = treatmentOf(settings, PROFILE);
  const reader = createTraceReader(store);
  const trace = openTrace(store, reader, root, treatment);
  const processed = [...trace.operations()].find(({ id }) => id === operationId)!;
  const builder = spanBuilderOf(otlpGenai, trace, 1, PROFILE);
  const span = [...builder.operation(processed)].find(
    (made) => made.spanContext().spanId === operationId,
  )!;
  const limits = { maxBytes: 1_000_000 };
  const json = createJsonTraceEncoder(limits);
  const protobuf = createProtobufTraceEncoder(limits);
  json.tryAppend(span);
  protobuf.tryAppend(span);
  return {
    processed,
    draft: otlpGenai.operation(processed, trace.head, mapperOptionsOf(PROFILE)),
    span: span as TimedSpan,
    json: JSON.parse(Buffer.from(json.finish().bytes).toString('utf8')) as unknown,
    protobuf: Uint8Array.from(protobuf.finish().bytes),
  };
}
