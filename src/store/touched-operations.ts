import { type EventDraft, operationKindOf } from '../session/event.ts';
import {
  isLiteralSpanKey,
  operationIdOf,
  resolveOperationKey,
  subagentKey,
} from '../session/identifiers.ts';
import type { SessionRow, WriteStatements } from './write-statements.ts';

interface OperationTouch {
  root: number;
  kind: string;
  parent: string | null;
  first: number;
  last: number;
}

/** Changes to operations collected during one append. */
export interface TouchedOperations {
  readonly operations: Map<string, OperationTouch>;
  /** Containers whose last fact is now that of a child. */
  readonly containers: Map<string, number>;
  /**
   * Identifiers of native keys, by session: a call and its result share one, and a turn's children share their
   * parent's.
   */
  readonly ids: Map<string, Map<string, string>>;
}

/** Identifier of a native key, hashed once per append. */
function resolved(touched: TouchedOperations, session: string, key: string): string {
  let ids = touched.ids.get(session);
  if (ids === undefined) {
    ids = new Map();
    touched.ids.set(session, ids);
  }
  let id = ids.get(key);
  if (id === undefined) {
    id = resolveOperationKey(session, key);
    ids.set(key, id);
  }
  return id;
}

/** Uses the span id of a recording as it is, unless another trace already has it. */
export function operationOf(
  statements: WriteStatements,
  touched: TouchedOperations,
  row: SessionRow,
  key: string,
  session: string,
): string {
  const id = resolved(touched, session, key);
  if (!isLiteralSpanKey(key)) return id;
  const root = touched.operations.get(id)?.root ?? statements.operationRoot.get(id);
  return root === undefined || root === row.root ? id : operationIdOf(session, key);
}

export function noteOperation(
  touched: TouchedOperations,
  draft: EventDraft,
  row: SessionRow,
  operation: string,
  parent: string | undefined,
  seq: number,
): void {
  const kind = operationKindOf(draft.kind);
  const known = touched.operations.get(operation);
  if (known === undefined)
    touched.operations.set(operation, {
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
    touched.containers.set(parent, seq);
  if (draft.lane !== undefined && draft.lane !== '' && kind !== 'subagent') {
    touched.containers.set(operationIdOf(draft.session, subagentKey(draft.lane)), seq);
  }
}

/** Writes the collected changes. */
export function saveOperations(statements: WriteStatements, touched: TouchedOperations): void {
  for (const [id, touch] of touched.operations) {
    const { root, kind, parent, first, last } = touch;
    statements.upsertOperation.run(id, root, kind, parent, first, last);
  }
  for (const [id, seq] of touched.containers) statements.touchContainer.run(seq, id);
}
