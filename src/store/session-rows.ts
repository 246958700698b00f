import type { EventDraft } from '../session/event.ts';
import type { SessionRow, WriteStatements } from './write-statements.ts';

/** Session rows known to one append, by native id. */
export type SessionRows = Map<string, SessionRow>;

export function findSession(
  statements: WriteStatements,
  rows: SessionRows,
  sessionId: string,
): SessionRow | undefined {
  const cached = rows.get(sessionId);
  if (cached !== undefined) return cached;
  const stored = statements.session.get(sessionId);
  if (stored === undefined) return undefined;
  const row = { ...stored, rereads: false };
  rows.set(sessionId, row);
  return row;
}

/** The row of the draft's session, created if needed, along with that of its root. */
export function ensureSession(
  statements: WriteStatements,
  rows: SessionRows,
  draft: EventDraft,
): SessionRow {
  const known = findSession(statements, rows, draft.session);
  if (known !== undefined) return known;
  const rootId = draft.rootSession ?? draft.session;
  let root = 0;
  if (rootId !== draft.session) {
    const parent = findSession(statements, rows, rootId);
    root = parent?.root ?? addSession(statements, rows, rootId, 0).id;
  }
  return addSession(statements, rows, draft.session, root);
}

function addSession(
  statements: WriteStatements,
  rows: SessionRows,
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
    rereads: false,
  };
  rows.set(sessionId, row);
  return row;
}
