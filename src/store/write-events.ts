import { randomBytes } from 'node:crypto';
import { canonicalJson, wellFormed } from '../integrity/canonical-json.ts';
import { type EventHeader, type Genesis, hashEvent, hashGenesis, SUITE } from '../integrity/chain.ts';
import { commitContent, newSalt } from '../integrity/commitment.ts';
import { type ContentDraft, type EventDraft, operationKindOf } from '../session/event.ts';
import { isLiteralSpanKey, operationIdOf, resolveOperationKey, subagentKey } from '../session/identifiers.ts';
import { VERSION } from '../version.ts';
import type { Store } from './open-store.ts';
import { prepareWriting, type SessionRow, type WriteStatements } from './write-statements.ts';

/** What became of the drafts of one append. */
export interface AppendResult {
  readonly added: number;
  /** Already in the store: read again, changes nothing. */
  readonly known: number;
  /** Belong to another session that brought them first (fork, resume). */
  readonly copies: number;
  /** Root sessions that received something, by native id. */
  readonly touched: ReadonlySet<string>;
}

export interface EventWriter {
  /** Stores the drafts in order, in one transaction; all or nothing. */
  append(drafts: readonly EventDraft[]): AppendResult;
}

interface OperationTouch {
  root: number;
  kind: string;
  parent: string | null;
  first: number;
  last: number;
}

interface Running {
  added: number;
  known: number;
  copies: number;
  readonly touched: Set<string>;
  readonly sessions: Map<string, SessionRow>;
  readonly operations: Map<string, OperationTouch>;
  /** Containers whose last fact is now one of their children's. */
  readonly containers: Map<string, number>;
}

/** Appends facts: numbers, identifiers, commitments and the hash chain are made here, with the event. */
export function createEventWriter(store: Store): EventWriter {
  const statements = prepareWriting(store.database);
  /** A start waits until its session brings something of its own: a pure copy is no session. */
  const waitingStarts = new Map<string, { draft: EventDraft; sawCopy: boolean }>();

  const append = store.database.transaction((drafts: readonly EventDraft[]): AppendResult => {
    const run: Running = {
      added: 0,
      known: 0,
      copies: 0,
      touched: new Set(),
      sessions: new Map(),
      operations: new Map(),
      containers: new Map(),
    };
    for (const draft of drafts) appendOne(store, statements, waitingStarts, run, draft);
    flush(statements, run);
    return { added: run.added, known: run.known, copies: run.copies, touched: run.touched };
  });

  return { append: (drafts) => append.immediate(drafts) };
}

function appendOne(
  store: Store,
  statements: WriteStatements,
  waitingStarts: Map<string, { draft: EventDraft; sawCopy: boolean }>,
  run: Running,
  draft: EventDraft,
): void {
  const known = findSession(statements, run, draft.session);
  const fromFile = draft.capture === 'transcript' || draft.capture === 'import';
  if (fromFile && draft.kind === 'session_start' && (known === undefined || known.event_count === 0)) {
    if (!waitingStarts.has(draft.session)) waitingStarts.set(draft.session, { draft, sawCopy: false });
    return;
  }
  const waiting = waitingStarts.get(draft.session);
  if (draft.ownKey !== undefined) {
    const session = known ?? ensureSession(statements, run, draft);
    if (!owns(statements, draft.ownKey, session.id)) {
      run.copies++;
      if (waiting !== undefined) waiting.sawCopy = true;
      return;
    }
  }
  if (waiting !== undefined) {
    waitingStarts.delete(draft.session);
    // What precedes the first line of its own was copied: the session began here.
    const atMicros = waiting.sawCopy ? draft.atMicros : waiting.draft.atMicros;
    insert(store, statements, run, { ...waiting.draft, atMicros });
  }
  insert(store, statements, run, draft);
}

function owns(statements: WriteStatements, key: string, session: number): boolean {
  statements.own.run(key, session);
  return statements.ownerOf.get(key) === session;
}

function findSession(statements: WriteStatements, run: Running, sessionId: string): SessionRow | undefined {
  const cached = run.sessions.get(sessionId);
  if (cached !== undefined) return cached;
  const row = statements.session.get(sessionId);
  if (row !== undefined) run.sessions.set(sessionId, row);
  return row;
}

function ensureSession(statements: WriteStatements, run: Running, draft: EventDraft): SessionRow {
  const known = findSession(statements, run, draft.session);
  if (known !== undefined) return known;
  const rootId = draft.rootSession ?? draft.session;
  let root = 0;
  if (rootId !== draft.session) {
    const parent = findSession(statements, run, rootId);
    root = parent?.root ?? addSession(statements, run, rootId, 0).id;
  }
  return addSession(statements, run, draft.session, root);
}

function addSession(statements: WriteStatements, run: Running, sessionId: string, root: number): SessionRow {
  const id = Number(statements.addSession.run(sessionId, root).lastInsertRowid);
  if (root === 0) statements.ownRoot.run(id);
  const row: SessionRow = {
    id,
    session_id: sessionId,
    root: root === 0 ? id : root,
    chain: '',
    head_hash: '',
    event_count: 0,
    first_us: null,
    last_us: null,
  };
  run.sessions.set(sessionId, row);
  return row;
}

function startChain(store: Store, statements: WriteStatements, row: SessionRow, draft: EventDraft): void {
  const agent = draft.facts['agent'];
  const genesis: Genesis = {
    v: 1,
    suite: SUITE,
    chain: randomBytes(16).toString('hex'),
    session: row.session_id,
    root_session: wellFormed(draft.rootSession ?? draft.session),
    store: store.storeId,
    started_us: Date.now() * 1000,
    origin: draft.capture === 'hook' || draft.capture === 'recorder' ? 'recorded' : 'imported',
    recorder: { name: 'agent-strace', version: VERSION },
    agent: typeof agent === 'string' ? agent : undefined,
  };
  const text = canonicalJson(genesis);
  row.chain = genesis.chain;
  row.head_hash = hashGenesis(text);
  statements.startChain.run(genesis.chain, text, row.head_hash, genesis.agent ?? '', row.id);
  statements.addLeaf.run('session_open', canonicalJson({ t: 'session_open', session: row.session_id, genesis: row.head_hash, chain: genesis.chain }), genesis.started_us);
}

interface PreparedContent {
  readonly draft: ContentDraft;
  readonly text: string;
  readonly salt: Uint8Array;
  readonly size: number;
  readonly commitment: string;
}

function prepareContents(draft: EventDraft): PreparedContent[] {
  const prepared: PreparedContent[] = [];
  for (const content of draft.contents ?? []) {
    if (prepared.some((other) => other.draft.name === content.name)) continue;
    const text = wellFormed(content.text);
    const salt = newSalt();
    prepared.push({ draft: content, text, salt, size: Buffer.byteLength(text), commitment: commitContent(salt, text) });
  }
  return prepared;
}

function headerOf(draft: EventDraft, row: SessionRow, operation: string, parent: string | undefined, contents: PreparedContent[]): EventHeader {
  let content: Record<string, { commit: string; media: string; size: number }> | undefined;
  for (const item of contents) {
    content ??= {};
    content[item.draft.name] = { commit: item.commitment, media: item.draft.media, size: item.size };
  }
  return {
    v: 1,
    chain: row.chain,
    n: row.event_count,
    type: draft.kind,
    event_id: wellFormed(draft.eventId),
    op: operation,
    parent,
    session: wellFormed(draft.session),
    lane: draft.lane === undefined || draft.lane === '' ? undefined : wellFormed(draft.lane),
    capture: draft.capture,
    basis: draft.timeBasis,
    ts_us: Math.trunc(draft.atMicros),
    facts: cleanFacts(draft.facts),
    content,
    prev: row.head_hash,
  };
}

/** Facts come from foreign text; whatever a canonical header cannot hold is left out, never a failure. */
function cleanFacts(facts: EventDraft['facts']): EventHeader['facts'] {
  const clean: Record<string, string | number | boolean | string[]> = {};
  for (const [name, value] of Object.entries(facts)) {
    if (typeof value === 'string') clean[name] = wellFormed(value);
    else if (typeof value === 'boolean') clean[name] = value;
    else if (typeof value === 'number') {
      if (Number.isSafeInteger(value)) clean[name] = value === 0 ? 0 : value;
    } else if (Array.isArray(value)) clean[name] = value.map((entry) => wellFormed(String(entry)));
  }
  return clean;
}

function insert(store: Store, statements: WriteStatements, run: Running, draft: EventDraft): void {
  const row = ensureSession(statements, run, draft);
  if (row.chain === '') startChain(store, statements, row, draft);
  if (statements.hasEvent.get(row.id, wellFormed(draft.eventId)) !== undefined) {
    run.known++;
    return;
  }
  const operation = operationOf(statements, row, draft.operationKey, draft.session);
  const parent = draft.parentKey === undefined ? undefined : operationOf(statements, row, draft.parentKey, draft.session);
  const contents = prepareContents(draft);
  const header = headerOf(draft, row, operation, parent, contents);
  const text = canonicalJson(header);
  const hash = hashEvent(text);
  const seq = Number(
    statements.addEvent.run(row.root, row.id, operation, header.event_id, draft.kind, header.ts_us, text, hash).lastInsertRowid,
  );
  for (const item of contents) {
    statements.addContent.run(seq, item.draft.name, item.draft.media, item.size, item.commitment, item.salt, item.text);
  }
  row.head_hash = hash;
  row.event_count++;
  row.first_us = row.first_us === null ? header.ts_us : Math.min(row.first_us, header.ts_us);
  row.last_us = row.last_us === null ? header.ts_us : Math.max(row.last_us, header.ts_us);
  run.added++;
  run.touched.add(draft.rootSession ?? draft.session);
  noteOperation(run, draft, row, operation, parent, seq);
}

/** A recording's own span id is used as it is, unless another session already has it. */
function operationOf(statements: WriteStatements, row: SessionRow, key: string, session: string): string {
  const id = resolveOperationKey(session, key);
  if (!isLiteralSpanKey(key)) return id;
  const root = statements.operationRoot.get(id);
  return root === undefined || root === row.root ? id : operationIdOf(session, key);
}

function noteOperation(run: Running, draft: EventDraft, row: SessionRow, operation: string, parent: string | undefined, seq: number): void {
  const kind = operationKindOf(draft.kind);
  const known = run.operations.get(operation);
  if (known === undefined) run.operations.set(operation, { root: row.root, kind, parent: parent ?? null, first: seq, last: seq });
  else {
    known.last = seq;
    if (parent !== undefined && (known.parent === null || draft.kind === 'subagent_info')) known.parent = parent;
  }
  if (kind !== 'turn' && kind !== 'subagent' && parent !== undefined) run.containers.set(parent, seq);
  if (draft.lane !== undefined && draft.lane !== '' && kind !== 'subagent') {
    run.containers.set(operationIdOf(draft.session, subagentKey(draft.lane)), seq);
  }
}

function flush(statements: WriteStatements, run: Running): void {
  for (const [id, touch] of run.operations) {
    statements.upsertOperation.run(id, touch.root, touch.kind, touch.parent, touch.first, touch.last);
  }
  for (const [id, seq] of run.containers) statements.touchContainer.run(seq, id);
  for (const row of run.sessions.values()) {
    if (row.event_count > 0) {
      statements.saveSession.run(row.head_hash, row.event_count, row.first_us, row.last_us, row.id);
      if (row.root !== row.id) statements.touchRoot.run(row.last_us, row.last_us, row.root);
    }
  }
}
