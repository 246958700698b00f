import { destinationRows } from './destinations.ts';
import type { Store } from './open-store.ts';

interface State {
  readonly profile: Readonly<Record<string, string | number | boolean | null>>;
  readonly answered: Readonly<Record<string, string>>;
}

/**
 * What one destination has accepted besides spans (`metrics`, `scores`): one row per trace, with versions by key and no
 * payloads. Writes nothing for a trace that has been deleted meanwhile.
 */
export function createItemLedger(
  store: Store,
  destination: string,
  signal: string,
  format: string,
) {
  const { database } = store;
  const destinations = destinationRows(store);
  const load = database.prepare<
    [string, number, string, string],
    { profile: string; position: string }
  >(
    `SELECT d.profile, d.position FROM deliveries d
     WHERE d.destination = (SELECT id FROM destinations WHERE name = ?) AND d.root = ? AND d.signal = ? AND d.format = ?`,
  );
  const save = database.prepare(
    `INSERT INTO deliveries (destination, root, signal, format, profile, position, through_seq, accepted, updated_us)
     SELECT ?, id, ?, ?, ?, ?, ?, ?, ? FROM sessions WHERE id = ?
     ON CONFLICT (destination, root, signal, format) DO UPDATE SET profile = excluded.profile, position = excluded.position,
       through_seq = excluded.through_seq, accepted = excluded.accepted, updated_us = excluded.updated_us`,
  );

  return {
    load(root: number): State | undefined {
      const row = load.get(destination, root, signal, format);
      if (row === undefined) return undefined;
      const { answered } = JSON.parse(row.position) as Pick<State, 'answered'>;
      return { profile: JSON.parse(row.profile) as State['profile'], answered };
    },
    save(root: number, throughSeq: number, { profile, answered }: State): void {
      const count = Object.keys(answered).length;
      save.run(
        destinations.idOf(destination),
        signal,
        format,
        JSON.stringify(profile),
        JSON.stringify({ answered }),
        throughSeq,
        count,
        Date.now() * 1000,
        root,
      );
    },
    refuse(root: number, items: readonly { key: string; status: number; message: string }[]): void {
      const id = destinations.idOf(destination);
      for (const { key, status, message } of items)
        destinations.refuse(id, root, `${signal}/${key}`, status, message);
    },
  };
}
