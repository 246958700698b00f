import { takeLease } from '../../store/leases.ts';
import { isPassing, type Store } from '../../store/open-store.ts';

const RENEW_MILLIS = 5000;

/** The claim of a run on the destination it sends to. */
export interface SendLease {
  /** Aborted, with the sentence as its reason, when another run took it over because this one stood still for long. */
  readonly lost: AbortSignal;
  release(): void;
}

/**
 * One run at a time sends to a destination, so that none moves the other's place: throws as {@link takeLease} does while
 * another does. It is renewed every so many milliseconds, and outlasts those in which the store is not to be written.
 */
export function sendLease(
  store: Store,
  destination: string,
  everyMillis = RENEW_MILLIS,
): SendLease {
  const lease = takeLease(store, destination, true);
  const lost = new AbortController();
  const timer = setInterval(() => {
    try {
      const taken = lease.renew();
      if (taken !== undefined) lost.abort(taken);
    } catch (error) {
      if (!isPassing(error)) throw error;
    }
  }, everyMillis).unref();
  return {
    lost: lost.signal,
    release() {
      clearInterval(timer);
      lease.release();
    },
  };
}
