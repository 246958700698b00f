import { canonicalJson, wellFormed } from '../integrity/canonical-json.ts';
import { hashEvent, hashGenesis } from '../integrity/chain.ts';
import { type EventDraft, operationKindOf } from '../session/event.ts';
import {
  isLiteralSpanKey,
  operationIdOf,
  resolveOperationKey,
  subagentKey,
} from '../session/identifiers.ts';
import { chainedEvent, genesisOf } from './chained-event.ts';
import { type LeafWriter, leafWriter, notePoint } from './leaves.ts';
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
  /** Root sessions that were pruned earlier and stay away, by native id. */
  readonly pruned: ReadonlySet<string>;
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
  readonly pruned: Set<string>;
  readonly sessions: Map<string, SessionRow>;
  readonly operations: Map<string, OperationTouch>;
  /** Containers whose last fact is now one of their children's. */
  readonly containers: Map<string, number>;
}

/** What the facts are written into. */
interface WriteTarget {
  readonly store: Store;
  readonly statements: WriteStatements;
  readonly addLeaf: LeafWriter;
  readonly redaction: string | undefined;
}

export interface WriterOptions {
  /** Digest of the redaction rules that drafts went through before; each new chain says so. */
  readonly redaction?: string | undefined;
}

/** Appends facts: numbers, identifiers, commitments and the hash chain are made here, with the event. */
export function createEventWriter(store: Store, options: WriterOptions = {}): EventWriter {
  const statements = prepareWriting(store.database);
  const target: WriteTarget = {
    store,
    statements,
    addLeaf: leafWriter(store),
    redaction: options.redaction,
  };
  /** A start waits until its session brings something of its own: a pure copy is no session. */
  const waitingStarts = new Map<string, { draft: EventDraft; sawCopy: boolean }>();

  const append = store.database.transaction((drafts: readonly EventDraft[]): AppendResult => {
    const run: Running = {
      added: 0,
      known: 0,
      copies: 0,
      touched: new Set(),
      pruned: new Set(),
      sessions: new Map(),
      operations: new Map(),
      containers: new Map(),
    };
    for (const draft of drafts) appendOne(target, waitingStarts, run, draft);
    flush(target, run);
    return {
      added: run.added,
      known: run.known,
      copies: run.copies,
      touched: run.touched,
      pruned: run.pruned,
    };
  });

  return { append: (drafts) => append.immediate(drafts) };
}

function appendOne(
  target: WriteTarget,
  waitingStarts: Map<string, { draft: EventDraft; sawCopy: boolean }>,
  run: Running,
  draft: EventDraft,
): void {
  const { statements } = target;
  const known = findSession(statements, run, draft.session);
  if (known === undefined && wasPruned(statements, draft)) {
    run.pruned.add(draft.rootSession ?? draft.session);
    return;
  }
  const fromFile = draft.capture === 'transcript' || draft.capture === 'import';
  if (
    fromFile &&
    draft.kind === 'session_start' &&
    (known === undefined || known.event_count === 0)
  ) {
    if (!waitingStarts.has(draft.session))
      waitingStarts.set(draft.session, { draft, sawCopy: false });
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
    insert(target, run, { ...waiting.draft, atMicros });
  }
  insert(target, run, draft);
}

/** A pruned session stays away, and nothing of a pruned trace comes back under another session's name. */
function wasPruned(statements: WriteStatements, { session, rootSession }: EventDraft): boolean {
  if (statements.isPruned.get(session) !== undefined) return true;
  return (
    rootSession !== undefined &&
    rootSession !== session &&
    statements.isPruned.get(rootSession) !== undefined
  );
}

function owns(statements: WriteStatements, key: string, session: number): boolean {
  statements.own.run(key, session);
  return statements.ownerOf.get(key) === session;
}

function findSession(
  statements: WriteStatements,
  run: Running,
  sessionId: string,
): SessionRow | undefined {
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

function addSession(
  statements: WriteStatements,
  run: Running,
  sessionId: string,
  root: number,
): SessionRow {
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
    end_us: null,
    point_count: 0,
    point_closed: 0,
  };
  run.sessions.set(sessionId, row);
  return row;
}

function startChain(target: WriteTarget, row: SessionRow, draft: EventDraft): void {
  const genesis = genesisOf(draft, row.session_id, target.store.storeId, target.redaction);
  const text = canonicalJson(genesis);
  row.chain = genesis.chain;
  row.head_hash = hashGenesis(text);
  target.statements.startChain.run(genesis.chain, text, row.head_hash, genesis.agent ?? '', row.id);
  target.addLeaf({
    t: 'session_open',
    session: row.session_id,
    genesis: row.head_hash,
    chain: genesis.chain,
  });
}

function insert(target: WriteTarget, run: Running, draft: EventDraft): void {
  const { statements } = target;
  const row = ensureSession(statements, run, draft);
  if (row.chain === '') startChain(target, row, draft);
  if (statements.hasEvent.get(row.id, wellFormed(draft.eventId)) !== undefined) {
    run.known++;
    return;
  }
  const operation = operationOf(statements, run, row, draft.operationKey, draft.session);
  const parent =
    draft.parentKey === undefined
      ? undefined
      : operationOf(statements, run, row, draft.parentKey, draft.session);
  const { header, contents, sealed } = chainedEvent(draft, { row, operation, parent });
  const text = canonicalJson(header);
  const hash = hashEvent(text);
  const { lastInsertRowid } = statements.addEvent.run(
    row.root,
    row.id,
    operation,
    header.event_id,
    draft.kind,
    header.ts_us,
    text,
    hash,
    sealed?.text ?? null,
    sealed?.salt ?? null,
  );
  const seq = Number(lastInsertRowid);
  for (const item of contents) {
    statements.addContent.run(
      seq,
      item.name,
      item.media,
      item.size,
      item.commitment,
      item.salt,
      item.text,
    );
  }
  noteEnd(row, draft.kind, header.ts_us);
  row.head_hash = hash;
  row.event_count++;
  row.first_us = row.first_us === null ? header.ts_us : Math.min(row.first_us, header.ts_us);
  row.last_us = row.last_us === null ? header.ts_us : Math.max(row.last_us, header.ts_us);
  run.added++;
  run.touched.add(draft.rootSession ?? draft.session);
  noteOperation(run, draft, row, operation, parent, seq);
}

/** A recorded end counts until something later is recorded; what comes late but happened before does not undo it. */
function noteEnd(row: SessionRow, kind: EventDraft['kind'], atMicros: number): void {
  if (kind === 'session_end') {
    if (atMicros >= (row.end_us ?? row.last_us ?? atMicros)) row.end_us = atMicros;
  } else if (row.end_us !== null && atMicros > row.end_us) row.end_us = null;
}

/** A recording's own span id is used as it is, unless another session already has it. */
function operationOf(
  statements: WriteStatements,
  run: Running,
  row: SessionRow,
  key: string,
  session: string,
): string {
  const id = resolveOperationKey(session, key);
  if (!isLiteralSpanKey(key)) return id;
  const root = run.operations.get(id)?.root ?? statements.operationRoot.get(id);
  return root === undefined || root === row.root ? id : operationIdOf(session, key);
}

function noteOperation(
  run: Running,
  draft: EventDraft,
  row: SessionRow,
  operation: string,
  parent: string | undefined,
  seq: number,
): void {
  const kind = operationKindOf(draft.kind);
  const known = run.operations.get(operation);
  if (known === undefined)
    run.operations.set(operation, {
      root: row.root,
      kind,
      parent: parent ?? null,
      first: seq,
      last: seq,
    });
  else {
    known.last = seq;
    if (parent !== undefined && (known.parent === null || draft.kind === 'subagent_info'))
      known.parent = parent;
  }
  if (kind !== 'turn' && kind !== 'subagent' && parent !== undefined)
    run.containers.set(parent, seq);
  if (draft.lane !== undefined && draft.lane !== '' && kind !== 'subagent') {
    run.containers.set(operationIdOf(draft.session, subagentKey(draft.lane)), seq);
  }
}

function flush(target: WriteTarget, run: Running): void {
  const { statements } = target;
  for (const [id, touch] of run.operations) {
    statements.upsertOperation.run(
      id,
      touch.root,
      touch.kind,
      touch.parent,
      touch.first,
      touch.last,
    );
  }
  for (const [id, seq] of run.containers) statements.touchContainer.run(seq, id);
  for (const row of run.sessions.values()) {
    if (row.event_count > 0) {
      notePoint(row, target.addLeaf, 'as it goes');
      statements.saveSession.run(
        row.head_hash,
        row.event_count,
        row.first_us,
        row.last_us,
        row.end_us,
        row.point_count,
        row.point_closed,
        row.id,
      );
      if (row.root !== row.id) statements.touchRoot.run(row.last_us, row.last_us, row.root);
    }
  }
}
