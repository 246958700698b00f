import { logOnDisk } from './durable-log.ts';
import { oncePerStore } from './once-per-store.ts';
import { withoutSync } from './without-sync.ts';

/** Columns of a segment as delivery uses them. */
interface SegmentRow {
  readonly n: number;
  readonly throughSeq: number;
  readonly factsThrough: number;
}

interface DeliveryRow {
  readonly profile: string;
  readonly position: string;
  readonly accepted: number;
  readonly rejected: number;
  readonly refused: number;
}

interface State {
  readonly profile: Readonly<Record<string, string | number | boolean | null>>;
  readonly segment: number;
  readonly answered: number;
  readonly beyond: readonly number[];
  readonly complete: boolean;
  readonly accepted: number;
  readonly rejected: number;
  readonly refused: number;
}

/**
 * What was sent where: rows per trace and destination, without payloads, because the store is the outbox. None is written
 * of a trace that was deleted meanwhile.
 */
export const ledgerOf = oncePerStore((store) => {
  const { database } = store;
  const segments = database.prepare<[number], SegmentRow>(
    'SELECT n, through_seq AS throughSeq, facts_through AS factsThrough FROM segments WHERE root = ? ORDER BY n',
  );
  // What is settled last is settled through the newest fact.
  const addSegment = database.prepare<number[]>(
    `INSERT OR IGNORE INTO segments (root, n, through_seq, facts_through) SELECT id, ?, ?, ? FROM sessions
     WHERE id = ? AND coalesce((SELECT through_seq FROM settled WHERE root = ? AND n = ? ORDER BY ordinal DESC LIMIT 1), 0) <= ?`,
  );
  const closedThrough = database
    .prepare<[number, number], number>('SELECT through_seq FROM segments WHERE root = ? AND n = ?')
    .pluck();
  const refold = database.prepare(
    'UPDATE segments SET facts_through = max(facts_through, ?) WHERE root = ?',
  );
  const addDestination = database.prepare(
    'INSERT OR IGNORE INTO destinations (name, created_us) VALUES (?, ?)',
  );
  const destinationId = database
    .prepare<[string], number>('SELECT id FROM destinations WHERE name = ?')
    .pluck();
  const load = database.prepare<[string, number, string, string], DeliveryRow>(
    `SELECT d.profile, d.position, d.accepted, d.rejected, d.refused FROM deliveries d
     WHERE d.destination = (SELECT id FROM destinations WHERE name = ?) AND d.root = ? AND d.signal = ? AND d.format = ?`,
  );
  const save = database.prepare(
    `INSERT INTO deliveries (destination, root, signal, format, profile, position, through_seq, accepted, rejected, refused, updated_us)
     SELECT ?, id, ?, ?, ?, ?, ?, ?, ?, ?, ? FROM sessions WHERE id = ?
     ON CONFLICT (destination, root, signal, format) DO UPDATE SET profile = excluded.profile, position = excluded.position,
       through_seq = excluded.through_seq, accepted = excluded.accepted, rejected = excluded.rejected,
       refused = excluded.refused, updated_us = excluded.updated_us`,
  );
  const refuse = database.prepare(
    `INSERT INTO refused (destination, root, operation, status, message, at_us)
     SELECT ?, id, ?, ?, ?, ? FROM sessions WHERE id = ?
     ON CONFLICT (destination, root, operation) DO UPDATE SET status = excluded.status, message = excluded.message, at_us = excluded.at_us`,
  );

  function idOf(destination: string): number {
    const known = destinationId.get(destination) as number | undefined;
    if (known !== undefined) return known;
    addDestination.run(destination, Date.now() * 1000);
    return destinationId.get(destination) as number;
  }

  function listSegments(root: number) {
    let afterSeq = 0;
    return segments.all(root).map((row) => {
      const segment = { ...row, afterSeq };
      afterSeq = row.throughSeq;
      return segment;
    });
  }

  function saveState(
    destination: string,
    root: number,
    signal: string,
    format: string,
    state: State,
  ): void {
    const { profile, accepted, rejected, refused, ...position } = state;
    const through =
      listSegments(root).find((segment) => segment.n === state.segment)?.factsThrough ?? 0;
    save.run(
      idOf(destination),
      signal,
      format,
      JSON.stringify(profile),
      JSON.stringify(position),
      through,
      accepted,
      rejected,
      refused,
      Date.now() * 1000,
      root,
    );
  }

  return {
    segments: listSegments,
    /** Nothing is sent of a segment before its settings are saved, and that commit takes it along to the disk. */
    addSegment(root: number, n: number, throughSeq: number): void {
      const segment = [n, throughSeq, throughSeq, root];
      withoutSync(store, () => addSegment.run(...segment, root, n, throughSeq));
    },
    closedThrough: (root: number, n: number): number | undefined =>
      closedThrough.get(root, n) as number | undefined,
    refold(root: number, factsThrough: number): void {
      refold.run(factsThrough, root);
    },
    load(destination: string, root: number, signal: string, format: string): State | undefined {
      const row = load.get(destination, root, signal, format);
      if (row === undefined) return undefined;
      const position = JSON.parse(row.position) as Pick<
        State,
        'segment' | 'answered' | 'beyond' | 'complete'
      >;
      return {
        ...position,
        profile: JSON.parse(row.profile),
        accepted: row.accepted,
        rejected: row.rejected,
        refused: row.refused,
      };
    },
    save: saveState,
    /** As `save`, without waiting for the disk: the next commit that does takes it along. */
    saveAnswer(
      destination: string,
      root: number,
      signal: string,
      format: string,
      state: State,
    ): void {
      withoutSync(store, () => saveState(destination, root, signal, format, state));
    },
    together(run: () => void): void {
      database.transaction(run).immediate();
    },
    answersTogether(run: () => void): void {
      withoutSync(store, () => database.transaction(run).immediate());
    },
    durably(run: () => void): Promise<void> {
      withoutSync(store, () => database.transaction(run).immediate());
      return logOnDisk(store);
    },
    refuse(
      destination: string,
      root: number,
      spans: readonly { spanId: string; status: number; message: string }[],
    ): void {
      const id = idOf(destination);
      for (const span of spans)
        refuse.run(id, span.spanId, span.status, span.message, Date.now() * 1000, root);
    },
  };
});
