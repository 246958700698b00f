import type { ContentName, OperationKind, SessionEvent } from '../session/event.ts';
import type { Store } from './open-store.ts';
import { operationPositions } from './operation-positions.ts';
import { OUTPUT_BEGINNING, outputBeginnings } from './output-beginnings.ts';
import { densePage } from './page-range.ts';
import { eventOf, type StoredEventRow } from './stored-event.ts';

/** A fact with the sequence numbers of its operation's first and last fact. */
export interface TraceEvent {
  readonly event: SessionEvent;
  readonly firstSeq: number;
  readonly lastSeq: number;
}

export interface OperationPlace {
  /** The store's number of its trace. */
  readonly root: number;
  readonly kind: OperationKind;
  readonly parentId: string | undefined;
}

/** Reads traces in store order. A page is read whole: an open cursor would stop checkpoints of the write-ahead log. */
export interface TraceReader {
  /** Facts of a root session and its descendants after `afterSeq`, at most `limit`, none after `throughSeq`. */
  page(root: number, afterSeq: number, throughSeq: number, limit: number): TraceEvent[];
  /** How many operations of the trace began after `afterSeq` and up to `throughSeq`; stops counting at 1. */
  hasNewOperations(root: number, afterSeq: number, throughSeq: number): boolean;
  /** Kind and parent of an operation; undefined when nothing was recorded of it. */
  place(operationId: string): OperationPlace | undefined;
  /** A recorded text, at most `maxCharacters` of it; undefined when erased or unknown. */
  content(seq: number, name: ContentName, maxCharacters?: number): string | undefined;
  /** All facts of one operation, in store order. */
  operation(operationId: string): SessionEvent[];
}

/** Prepares with the first use: a reader that is asked for one thing need not pay for the others. */
function prepared<Statement>(prepare: () => Statement): () => Statement {
  let statement: Statement | undefined;
  return () => {
    statement ??= prepare();
    return statement;
  };
}

export function createTraceReader(store: Store): TraceReader {
  const { database } = store;
  const page = prepared(() =>
    database.prepare<[number, number, number, number], StoredEventRow>(
      `SELECT seq, operation, header, sealed FROM events
       WHERE root = ? AND seq > ? AND seq <= ? ORDER BY seq LIMIT ?`,
    ),
  );
  const fresh = prepared(() =>
    database
      .prepare<[number, number, number, number], number>(
        `SELECT 1 FROM events e JOIN operations o ON o.operation = e.operation
         WHERE e.root = ? AND e.seq > ? AND e.seq <= ? AND o.first_seq > ? AND o.kind <> 'session' LIMIT 1`,
      )
      .pluck(),
  );
  const place = prepared(() =>
    database.prepare<[string], { root: number; kind: OperationKind; parent: string | null }>(
      'SELECT root, kind, parent FROM operations WHERE operation = ?',
    ),
  );
  const whole = prepared(() =>
    database
      .prepare<[number, string], string | null>(
        'SELECT bytes FROM contents WHERE seq = ? AND name = ?',
      )
      .pluck(),
  );
  const cut = prepared(() =>
    database
      .prepare<[number, number, string], string | null>(
        'SELECT substr(bytes, 1, ?) FROM contents WHERE seq = ? AND name = ?',
      )
      .pluck(),
  );
  const positions = prepared(() => operationPositions(store));
  const beginnings = prepared(() => outputBeginnings(store));
  const byOperation = prepared(() =>
    database.prepare<[string], StoredEventRow & { root: number }>(
      'SELECT seq, root, operation, header, sealed FROM events WHERE operation = ? ORDER BY seq',
    ),
  );
  const sessionName = prepared(() =>
    database.prepare<[number], string>('SELECT session_id FROM sessions WHERE id = ?').pluck(),
  );
  const names = new Map<number, string>();

  function nameOf(root: number): string {
    const known = names.get(root);
    if (known !== undefined) return known;
    const name = (sessionName().get(root) as string | undefined) ?? '';
    if (names.size > 1000) names.clear();
    names.set(root, name);
    return name;
  }

  return {
    page(root, afterSeq, throughSeq, limit) {
      const rootSession = nameOf(root);
      const rows = page().all(root, afterSeq, throughSeq, limit);
      const range = densePage(rows);
      beginnings().turnTo(range);
      const positionsOf = positions()(range);
      return rows.map((row) => {
        const { firstSeq, lastSeq } = positionsOf(row);
        return { event: eventOf(row, rootSession), firstSeq, lastSeq };
      });
    },
    hasNewOperations(root, afterSeq, throughSeq) {
      return fresh().get(root, afterSeq, throughSeq, afterSeq) !== undefined;
    },
    place(operationId) {
      const row = place().get(operationId);
      return row === undefined
        ? undefined
        : { root: row.root, kind: row.kind, parentId: row.parent ?? undefined };
    },
    content(seq, name, maxCharacters) {
      if (maxCharacters === OUTPUT_BEGINNING && name === 'output' && beginnings().holds(seq))
        return beginnings().get(seq);
      const bytes =
        maxCharacters === undefined ? whole().get(seq, name) : cut().get(maxCharacters, seq, name);
      return (bytes as string | null | undefined) ?? undefined;
    },
    operation(operationId) {
      return byOperation()
        .all(operationId)
        .map((row) => eventOf(row, nameOf(row.root)));
    },
  };
}
