import type { Store } from './open-store.ts';

interface State {
  readonly profile: Readonly<Record<string, string | number | boolean | null>>;
  readonly answered: Readonly<Record<string, string>>;
}

/**
 * What one destination has taken beside spans (`metrics`, `scores`): one row a trace, versions by key, no payloads; none of
 * a trace that was deleted meanwhile.
 */
export function createItemLedger(
  store: Store,
  destination: string,
  signal: string,
  format: string,
) {
  const { database } = store;
  const now = () => Date.now() * 1000;
  const load = database.prepare<
    [string, number, string, string],
    { profile: string; position: string }
  >(
    `SELECT d.profile, d.position FROM deliveries d
     WHERE d.destination = (SELECT id FROM destinations WHERE name = ?) AND d.root = ? AND d.signal = ? AND d.format = ?`,
  );
  const save = database.prepare(
    `INSERT INTO deliveries (destination, root, signal, format, profile, position, through_seq, accepted, updated_us)
     SELECT (SELECT id FROM destinations WHERE name = ?), id, ?, ?, ?, ?, ?, ?, ? FROM sessions WHERE id = ?
     ON CONFLICT (destination, root, signal, format) DO UPDATE SET profile = excluded.profile, position = excluded.position,
       through_seq = excluded.through_seq, accepted = excluded.accepted, updated_us = excluded.updated_us`,
  );
  const refuse = database.prepare(
    `INSERT INTO refused (destination, root, operation, status, message, at_us)
     SELECT (SELECT id FROM destinations WHERE name = ?), id, ?, ?, ?, ? FROM sessions WHERE id = ?
     ON CONFLICT (destination, root, operation) DO UPDATE SET status = excluded.status, message = excluded.message, at_us = excluded.at_us`,
  );
  const addDestination = database.prepare(
    'INSERT OR IGNORE INTO destinations (name, created_us) VALUES (?, ?)',
  );
  let known = false;

  function knowDestination(): void {
    if (!known) addDestination.run(destination, now());
    known = true;
  }

  return {
    load(root: number): State | undefined {
      const row = load.get(destination, root, signal, format);
      if (row === undefined) return undefined;
      const { answered } = JSON.parse(row.position) as Pick<State, 'answered'>;
      return { profile: JSON.parse(row.profile) as State['profile'], answered };
    },
    save(root: number, throughSeq: number, { profile, answered }: State): void {
      knowDestination();
      const count = Object.keys(answered).length;
      save.run(
        destination,
        signal,
        format,
        JSON.stringify(profile),
        JSON.stringify({ answered }),
        throughSeq,
        count,
        now(),
        root,
      );
    },
    refuse(root: number, items: readonly { key: string; status: number; message: string }[]): void {
      knowDestination();
      for (const { key, status, message } of items)
        refuse.run(destination, `${signal}/${key}`, status, message, now(), root);
    },
  };
}
