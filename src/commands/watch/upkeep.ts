import { AgentStraceError } from '../../errors.ts';
import { fileIdentity } from '../../store/file-identity.ts';
import type { Lease } from '../../store/leases.ts';
import { isPassing, type Store, troubleSentence } from '../../store/open-store.ts';
import { drainSpool } from '../../store/spool.ts';
import { createEventWriter } from '../../store/write-events.ts';
import type { CommandContext } from '../command.ts';

const EVERY_MILLIS = 5000;

/**
 * What a watcher does besides watching: it renews its leases, stores what hooks had to leave beside the store, and
 * checks that the store has not been moved or replaced.
 */
export class WatchUpkeep {
  readonly #context: CommandContext;
  readonly #store: Store;
  readonly #leases: readonly Lease[];
  readonly #lost = new AbortController();
  readonly #identity: string | undefined;
  #interval: NodeJS.Timeout | undefined;
  #warned = false;

  constructor(context: CommandContext, store: Store, leases: readonly Lease[]) {
    this.#context = context;
    this.#store = store;
    this.#leases = leases;
    this.#identity = fileIdentity(store.path);
  }

  /**
   * Aborted, with the error to throw as its reason, when another watcher took over a lease because this one had
   * stalled, or when the store was deleted, moved or replaced.
   */
  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  start(): void {
    this.#takeSpooled();
    this.#interval = setInterval(() => {
      if (this.#isGone()) return;
      this.#renew();
      this.#takeSpooled();
    }, EVERY_MILLIS);
  }

  close(): void {
    clearInterval(this.#interval);
  }

  /**
   * What is recorded into a file that has lost its name is lost to everybody else; spooled facts belong to the next
   * store.
   */
  #isGone(): boolean {
    const { path } = this.#store;
    try {
      if (fileIdentity(path) === this.#identity) return false;
    } catch {
      // A file system that does not answer now may do so the next time.
      return false;
    }
    const sentence = `the store ${path} was deleted, moved or replaced; start "agent-strace watch" again`;
    this.#lost.abort(new AgentStraceError('store_unusable', sentence));
    return true;
  }

  /** A lease survives renewals that fail because another process is writing. */
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
      this.#warned = false;
    } catch (error) {
      const later = 'what is waiting is stored later';
      if (!this.#warned) this.#context.warn(troubleSentence(error, this.#store.path, later));
      this.#warned = true;
    }
  }
}
