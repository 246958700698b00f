import { takeLease } from '../../store/leases.ts';
import { isPassing, type Store } from '../../store/open-store.ts';

const RENEW_MILLIS = 5000;

/** A run's exclusive claim on a destination. */
export interface SendLease {
  /** Aborted when another run took over the lease because this one had stalled; the reason is the error to report. */
  readonly lost: AbortSignal;
  release(): void;
}

/**
 * Only one run at a time sends to a destination, so that none moves another's position in the ledger; throws as
 * {@link takeLease} does if another run is sending. The lease is renewed every `everyMillis`, and survives times in
 * which the store cannot be written.
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
