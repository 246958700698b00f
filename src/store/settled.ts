import { oncePerStore } from './once-per-store.ts';

/** An operation that is for ever the fold of its facts up to a position. */
export interface SettledRow {
  readonly ordinal: number;
  readonly operation: string;
  readonly throughSeq: number;
}

/**
 * The order in which a live segment's operations were settled, which is the order in which they are sent. Nothing is written
 * of a trace that was deleted meanwhile.
 */
export const settledOf = oncePerStore((store) => {
  const load = store.database.prepare<[number, number], SettledRow>(
    'SELECT ordinal, operation, through_seq AS throughSeq FROM settled WHERE root = ? AND n = ? ORDER BY ordinal',
  );
  const add = store.database.prepare(
    'INSERT OR IGNORE INTO settled (operation, root, n, through_seq) SELECT ?, id, ?, ? FROM sessions WHERE id = ?',
  );
  const page = store.database.prepare<[number, number, number], SettledRow>(
    'SELECT ordinal, operation, through_seq AS throughSeq FROM settled WHERE root = ? AND n = ? AND ordinal > ? ORDER BY ordinal LIMIT 1000',
  );
  const through = store.database
    .prepare<[string], number>('SELECT through_seq FROM settled WHERE operation = ?')
    .pluck();
  return {
    /** A page of the segment's settled operations. */
    after: (root: number, n: number, ordinal: number): SettledRow[] => page.all(root, n, ordinal),
    throughOf: (operation: string): number | undefined =>
      through.get(operation) as number | undefined,
    load: (root: number, n: number): SettledRow[] => load.all(root, n),
    /** Written before the first sending. All or nothing. */
    add(root: number, n: number, operations: readonly string[], throughSeq: number): void {
      if (operations.length === 0) return;
      store.database
        .transaction(() => {
          for (const operation of operations) add.run(operation, n, throughSeq, root);
        })
        .immediate();
    },
  };
});
