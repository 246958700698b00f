import type { Store } from './open-store.ts';
import { withoutSync } from './without-sync.ts';

/** Columns of a segment as delivery uses them. */
interface SegmentRow {
  readonly n: number;
  readonly throughSeq: number;
  readonly factsThrough: number;
}

/** Where the traces were cut for sending: a segment is sent as one, with settings that stay. */
export function segmentRows(store: Store) {
  const { database } = store;
  const read = database.prepare<[number], SegmentRow>(
    'SELECT n, through_seq AS throughSeq, facts_through AS factsThrough FROM segments WHERE root = ? ORDER BY n',
  );
  // What is settled last is settled through the newest fact.
  const add = database.prepare<number[]>(
    `INSERT OR IGNORE INTO segments (root, n, through_seq, facts_through) SELECT id, ?, ?, ? FROM sessions
     WHERE id = ? AND coalesce((SELECT through_seq FROM settled WHERE root = ? AND n = ? ORDER BY ordinal DESC LIMIT 1), 0) <= ?`,
  );
  const closedThrough = database
    .prepare<[number, number], number>('SELECT through_seq FROM segments WHERE root = ? AND n = ?')
    .pluck();
  const refold = database.prepare(
    'UPDATE segments SET facts_through = max(facts_through, ?) WHERE root = ?',
  );

  function segments(root: number) {
    let afterSeq = 0;
    return read.all(root).map((row) => {
      const segment = { ...row, afterSeq };
      afterSeq = row.throughSeq;
      return segment;
    });
  }

  return {
    segments,
    /** Nothing is sent of a segment before its settings are saved, and that commit takes it along to the disk. */
    addSegment(root: number, n: number, throughSeq: number): void {
      const segment = [n, throughSeq, throughSeq, root];
      withoutSync(store, () => add.run(...segment, root, n, throughSeq));
    },
    closedThrough: (root: number, n: number): number | undefined =>
      closedThrough.get(root, n) as number | undefined,
    refold(root: number, factsThrough: number): void {
      refold.run(factsThrough, root);
    },
  };
}
