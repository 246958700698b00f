import type { Store } from './open-store.ts';

/** How much of a trace a destination has accepted, of spans, data points or scores. */
export interface Delivery {
  /** Settings of the first sending. */
  readonly profile: Readonly<Record<string, string | number | boolean | null>>;
  /** Where to continue, in the words of whoever sends. */
  readonly position: object;
  readonly accepted: number;
  readonly rejected: number;
  readonly refused: number;
}

interface Row extends Omit<Delivery, 'profile' | 'position'> {
  readonly profile: string;
  readonly position: string;
}

/** Reads and writes deliveries: one row per destination, trace (row number of its root), signal and format. */
export function deliveryRows({ database }: Store) {
  const load = database.prepare<[string, number, string, string], Row>(
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
    load(name: string, root: number, signal: string, format: string): Delivery | undefined {
      const row = load.get(name, root, signal, format);
      if (row === undefined) return undefined;
      return { ...row, profile: JSON.parse(row.profile), position: JSON.parse(row.position) };
    },
    /** `destination`: number of its row. Writes nothing for a trace that has been deleted meanwhile. */
    save(
      destination: number,
      root: number,
      signal: string,
      format: string,
      { profile, position, accepted, rejected, refused }: Delivery,
      throughSeq: number,
    ): void {
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
