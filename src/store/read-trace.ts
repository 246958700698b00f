import type { EventHeader } from '../integrity/chain.ts';
import type {
  ContentName,
  ContentRef,
  EventKind,
  OperationKind,
  SessionEvent,
} from '../session/event.ts';
import type { Store } from './open-store.ts';
import { joinFacts, SEALED } from './sealed-facts.ts';

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

/** Enough for the first line of a text. */
const PREFETCH_CHARACTERS = 4096;

interface EventRow {
  readonly seq: number;
  readonly header: string;
  readonly sealed: string | null;
  readonly first_seq: number | null;
  readonly last_seq: number | null;
}

export function createTraceReader(store: Store): TraceReader {
  const { database } = store;
  const page = database.prepare<[number, number, number, number], EventRow>(
    `SELECT e.seq, e.header, e.sealed, o.first_seq, o.last_seq FROM events e LEFT JOIN operations o ON o.operation = e.operation
     WHERE e.root = ? AND e.seq > ? AND e.seq <= ? ORDER BY e.seq LIMIT ?`,
  );
  const fresh = database
    .prepare<[number, number, number, number], number>(
      `SELECT 1 FROM events e JOIN operations o ON o.operation = e.operation
       WHERE e.root = ? AND e.seq > ? AND e.seq <= ? AND o.first_seq > ? AND o.kind <> 'session' LIMIT 1`,
    )
    .pluck();
  const place = database.prepare<
    [string],
    { root: number; kind: OperationKind; parent: string | null }
  >('SELECT root, kind, parent FROM operations WHERE operation = ?');
  const whole = database
    .prepare<[number, string], string | null>(
      'SELECT bytes FROM contents WHERE seq = ? AND name = ?',
    )
    .pluck();
  const cut = database
    .prepare<[number, number, string], string | null>(
      'SELECT substr(bytes, 1, ?) FROM contents WHERE seq = ? AND name = ?',
    )
    .pluck();
  const starts = database.prepare<
    [number, number, number],
    { seq: number; name: string; start: string | null }
  >('SELECT seq, name, substr(bytes, 1, ?) AS start FROM contents WHERE seq > ? AND seq <= ?');
  /** Beginnings of the texts around the page that was read last: one scan instead of a look-up for each. */
  let beginnings = new Map<string, string>();
  let beginningsFrom = 0;
  let beginningsThrough = 0;
  let pageFrom = 0;
  let pageThrough = 0;

  function beginning(
    seq: number,
    name: ContentName,
    maxCharacters: number,
  ): string | null | undefined {
    if (maxCharacters > PREFETCH_CHARACTERS || seq <= pageFrom || seq > pageThrough)
      return cut.get(maxCharacters, seq, name) as string | null | undefined;
    if (beginningsFrom !== pageFrom || beginningsThrough !== pageThrough) {
      beginnings = new Map();
      for (const row of starts.iterate(PREFETCH_CHARACTERS, pageFrom, pageThrough)) {
        if (row.start !== null) beginnings.set(`${row.seq}/${row.name}`, row.start);
      }
      beginningsFrom = pageFrom;
      beginningsThrough = pageThrough;
    }
    return beginnings.get(`${seq}/${name}`);
  }

  const byOperation = database.prepare<
    [string],
    { seq: number; root: number; header: string; sealed: string | null }
  >('SELECT seq, root, header, sealed FROM events WHERE operation = ? ORDER BY seq');
  const sessionName = database
    .prepare<[number], string>('SELECT session_id FROM sessions WHERE id = ?')
    .pluck();
  const names = new Map<number, string>();

  /** Texts are fetched together only where the page is dense: a page of many interleaved traces is not worth it. */
  function notePage(afterSeq: number, rows: readonly EventRow[]): void {
    const last = rows.at(-1)?.seq ?? afterSeq;
    const first = rows[0]?.seq ?? last;
    const dense = last - first < rows.length * 4;
    pageFrom = dense ? first - 1 : last;
    pageThrough = last;
  }

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
      const rows = page.all(root, afterSeq, throughSeq, limit);
      notePage(afterSeq, rows);
      return rows.map((row) => ({
        event: eventOf(row, rootSession),
        firstSeq: row.first_seq ?? row.seq,
        lastSeq: row.last_seq ?? row.seq,
      }));
    },
    hasNewOperations(root, afterSeq, throughSeq) {
      return fresh.get(root, afterSeq, throughSeq, afterSeq) !== undefined;
    },
    place(operationId) {
      const row = place.get(operationId);
      return row === undefined
        ? undefined
        : { root: row.root, kind: row.kind, parentId: row.parent ?? undefined };
    },
    content(seq, name, maxCharacters) {
      const bytes =
        maxCharacters === undefined ? whole.get(seq, name) : beginning(seq, name, maxCharacters);
      return (bytes as string | null | undefined) ?? undefined;
    },
    operation(operationId) {
      return byOperation.all(operationId).map((row) => eventOf(row, nameOf(row.root)));
    },
  };
}

const NO_CONTENTS: readonly ContentRef[] = [];

/** Own rows are trusted: the header was checked and written by this program. */
export function eventOf(
  row: { seq: number; header: string; sealed: string | null },
  rootSession: string,
): SessionEvent {
  const header = JSON.parse(row.header) as EventHeader;
  return {
    seq: row.seq,
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
    facts: joinFacts(header.facts, row.sealed),
    contents: header.content === undefined ? NO_CONTENTS : refsOf(row.seq, header.content),
  };
}

function refsOf(seq: number, content: NonNullable<EventHeader['content']>): ContentRef[] {
  const refs: ContentRef[] = [];
  for (const name in content) {
    if (name === SEALED) continue;
    const item = content[name]!;
    refs.push({
      seq,
      name: name as ContentName,
      size: item.size,
      commitment: item.commit,
      media: item.media as ContentRef['media'],
    });
  }
  return refs;
}
