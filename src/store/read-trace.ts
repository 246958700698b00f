import type { Store } from './open-store.ts';
import type { EventHeader } from '../integrity/chain.ts';
import type { ContentName, ContentRef, EventKind, OperationKind, SessionEvent } from '../session/event.ts';

/** A fact with the sequence numbers of its operation's first and last fact. */
export interface TraceEvent {
  readonly event: SessionEvent;
  readonly firstSeq: number;
  readonly lastSeq: number;
}

export interface OperationPlace {
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

interface EventRow {
  readonly seq: number;
  readonly header: string;
  readonly first_seq: number | null;
  readonly last_seq: number | null;
}

export function createTraceReader(store: Store): TraceReader {
  const { database } = store;
  const page = database.prepare<[number, number, number, number], EventRow>(
    `SELECT e.seq, e.header, o.first_seq, o.last_seq FROM events e LEFT JOIN operations o ON o.operation = e.operation
     WHERE e.root = ? AND e.seq > ? AND e.seq <= ? ORDER BY e.seq LIMIT ?`,
  );
  const fresh = database
    .prepare<[number, number, number, number], number>(
      `SELECT 1 FROM events e JOIN operations o ON o.operation = e.operation
       WHERE e.root = ? AND e.seq > ? AND e.seq <= ? AND o.first_seq > ? AND o.kind <> 'session' LIMIT 1`,
    )
    .pluck();
  const place = database.prepare<[string], { kind: OperationKind; parent: string | null }>(
    'SELECT kind, parent FROM operations WHERE operation = ?',
  );
  const whole = database.prepare<[number, string], string | null>('SELECT bytes FROM contents WHERE seq = ? AND name = ?').pluck();
  const cut = database.prepare<[number, number, string], string | null>('SELECT substr(bytes, 1, ?) FROM contents WHERE seq = ? AND name = ?').pluck();
  const byOperation = database.prepare<[string], { seq: number; root: number; header: string }>(
    'SELECT seq, root, header FROM events WHERE operation = ? ORDER BY seq',
  );
  const sessionName = database.prepare<[number], string>('SELECT session_id FROM sessions WHERE id = ?').pluck();
  const names = new Map<number, string>();

  function nameOf(root: number): string {
    const known = names.get(root);
    if (known !== undefined) return known;
    const name = (sessionName.get(root) as string | undefined) ?? '';
    if (names.size > 1000) names.clear();
    names.set(root, name);
    return name;
  }

  return {
    page(root, afterSeq, throughSeq, limit) {
      const rootSession = nameOf(root);
      return page
        .all(root, afterSeq, throughSeq, limit)
        .map((row) => ({
          event: eventOf(row.seq, row.header, rootSession),
          firstSeq: row.first_seq ?? row.seq,
          lastSeq: row.last_seq ?? row.seq,
        }));
    },
    hasNewOperations(root, afterSeq, throughSeq) {
      return fresh.get(root, afterSeq, throughSeq, afterSeq) !== undefined;
    },
    place(operationId) {
      const row = place.get(operationId);
      return row === undefined ? undefined : { kind: row.kind, parentId: row.parent ?? undefined };
    },
    content(seq, name, maxCharacters) {
      const bytes = maxCharacters === undefined ? whole.get(seq, name) : cut.get(maxCharacters, seq, name);
      return (bytes as string | null | undefined) ?? undefined;
    },
    operation(operationId) {
      return byOperation.all(operationId).map((row) => eventOf(row.seq, row.header, nameOf(row.root)));
    },
  };
}

const NO_CONTENTS: readonly ContentRef[] = [];

/** Own rows are trusted: the header was checked and written by this program. */
export function eventOf(seq: number, text: string, rootSession: string): SessionEvent {
  const header = JSON.parse(text) as EventHeader;
  return {
    seq,
    eventId: header.event_id,
    session: header.session,
    rootSession,
    lane: header.lane ?? '',
    kind: header.type as EventKind,
    capture: header.capture as SessionEvent['capture'],
    operationId: header.op,
    parentOperationId: header.parent,
    atMicros: header.ts_us,
    timeBasis: header.basis as SessionEvent['timeBasis'],
    facts: header.facts,
    contents: header.content === undefined ? NO_CONTENTS : refsOf(seq, header.content),
  };
}

function refsOf(seq: number, content: NonNullable<EventHeader['content']>): ContentRef[] {
  const refs: ContentRef[] = [];
  for (const name in content) {
    const item = content[name]!;
    refs.push({ seq, name: name as ContentName, size: item.size, commitment: item.commit, media: item.media as ContentRef['media'] });
  }
  return refs;
}
