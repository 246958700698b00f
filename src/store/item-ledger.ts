import { deliveryRows } from './deliveries.ts';
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
  const destinations = destinationRows(store);
  const deliveries = deliveryRows(store);
  return {
    load(root: number): State | undefined {
      const known = deliveries.load(destination, root, signal, format);
      if (known === undefined) return undefined;
      const { answered } = known.position as Pick<State, 'answered'>;
      return { profile: known.profile, answered };
    },
    save(root: number, throughSeq: number, { profile, answered }: State): void {
      const accepted = Object.keys(answered).length;
      const state = { profile, position: { answered }, accepted, rejected: 0, refused: 0 };
      deliveries.save(destinations.idOf(destination), root, signal, format, state, throughSeq);
    },
    refuse(root: number, items: readonly { key: string; status: number; message: string }[]): void {
      const id = destinations.idOf(destination);
      for (const { key, status, message } of items)
        destinations.refuse(id, root, `${signal}/${key}`, status, message);
    },
  };
}
