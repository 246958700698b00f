import { destinationRows } from './destinations.ts';
import { logOnDisk } from './durable-log.ts';
import { oncePerStore } from './once-per-store.ts';
import type { Store } from './open-store.ts';
import { segmentRows } from './segments.ts';
import { withoutSync } from './without-sync.ts';

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
 * What was sent where: one row per trace and destination, without payloads, because the store is the outbox. Writes
 * nothing for a trace that has been deleted meanwhile.
 */
export const ledgerOf = oncePerStore((store) => {
  const segments = segmentRows(store);
  const destinations = destinationRows(store);
  const deliveries = deliveryRows(store);

  function save(
    destination: string,
    root: number,
    signal: string,
    format: string,
    state: State,
  ): void {
    const through =
      segments.segments(root).find((segment) => segment.n === state.segment)?.factsThrough ?? 0;
    deliveries.save(destinations.idOf(destination), root, signal, format, state, through);
  }

  function commit(run: () => void): void {
    store.database.transaction(run).immediate();
  }

  return {
    ...segments,
    load: deliveries.load,
    save,
    /** Like `save`, but without waiting for the disk; the next commit that syncs also makes this durable. */
    saveAnswer(...what: Parameters<typeof save>): void {
      withoutSync(store, () => save(...what));
    },
    together: commit,
    answersTogether(run: () => void): void {
      withoutSync(store, () => commit(run));
    },
    durably(run: () => void): Promise<void> {
      withoutSync(store, () => commit(run));
      return logOnDisk(store);
    },
    refuse(
      destination: string,
      root: number,
      spans: readonly { spanId: string; status: number; message: string }[],
    ): void {
      const id = destinations.idOf(destination);
      for (const { spanId, status, message } of spans)
        destinations.refuse(id, root, spanId, status, message);
    },
  };
});

function deliveryRows({ database }: Store) {
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
  return {
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
    save(
      destination: number,
      root: number,
      signal: string,
      format: string,
      state: State,
      throughSeq: number,
    ): void {
      const { profile, accepted, rejected, refused, ...position } = state;
      save.run(
        destination,
        signal,
        format,
        JSON.stringify(profile),
        JSON.stringify(position),
        throughSeq,
        accepted,
        rejected,
        refused,
        Date.now() * 1000,
        root,
      );
    },
  };
}
