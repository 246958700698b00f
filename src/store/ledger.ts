import { type Delivery, deliveryRows } from './deliveries.ts';
import { destinationRows } from './destinations.ts';
import { logOnDisk } from './durable-log.ts';
import { oncePerStore } from './once-per-store.ts';
import { segmentRows } from './segments.ts';
import { withoutSync } from './without-sync.ts';

interface Position {
  readonly segment: number;
  readonly answered: number;
  readonly beyond: readonly number[];
  readonly complete: boolean;
  readonly unsent?: true;
}

type State = Position & Omit<Delivery, 'position'>;

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
    const { profile, accepted, rejected, refused, ...position } = state;
    const row = { profile, position, accepted, rejected, refused };
    deliveries.save(destinations.idOf(destination), root, signal, format, row, through);
  }

  function commit(run: () => void): void {
    store.database.transaction(run).immediate();
  }

  return {
    ...segments,
    load(destination: string, root: number, signal: string, format: string): State | undefined {
      const row = deliveries.load(destination, root, signal, format);
      if (row === undefined) return undefined;
      const { position: stored, ...rest } = row;
      const position = stored as Position;
      return position.unsent === true ? undefined : { ...position, ...rest };
    },
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
