import type { Lease } from '../store/leases.ts';
import { explainStoreFailure, isPassing, type Store } from '../store/open-store.ts';
import { drainSpool } from '../store/spool.ts';
import { createEventWriter } from '../store/write-events.ts';
import type { CommandContext } from './command.ts';

const EVERY_MILLIS = 5000;

/** What a watcher does beside watching: it renews its leases and takes in what hooks had to leave beside the store. */
export class WatchUpkeep {
  readonly #context: CommandContext;
  readonly #store: Store;
  readonly #leases: readonly Lease[];
  readonly #lost = new AbortController();
  #interval: NodeJS.Timeout | undefined;
  #told = false;

  constructor(context: CommandContext, store: Store, leases: readonly Lease[]) {
    this.#context = context;
    this.#store = store;
    this.#leases = leases;
  }

  /** Aborted, for a reason to throw, when another watcher took a lease over because this one stood still for long. */
  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  start(): void {
    this.#takeSpooled();
    this.#interval = setInterval(() => {
      this.#renew();
      this.#takeSpooled();
    }, EVERY_MILLIS);
  }

  close(): void {
    clearInterval(this.#interval);
  }

  /** A lease outlasts renewals that another writer was in the way of. */
  #renew(): void {
    for (const lease of this.#leases) {
      try {
        const taken = lease.renew();
        if (taken !== undefined) this.#lost.abort(taken);
      } catch (error) {
        if (!isPassing(error)) throw error;
      }
    }
  }

  #takeSpooled(): void {
    try {
      drainSpool(this.#store, createEventWriter(this.#store));
      this.#told = false;
    } catch (error) {
      const { message } = explainStoreFailure(error, this.#store.path);
      if (!this.#told) this.#context.warn(`${message}; what waits is taken in later`);
      this.#told = true;
    }
  }
}
