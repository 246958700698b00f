import type { Encoder } from './encoder.ts';
import type { Outcome } from './outcome.ts';
import type { Transport } from './transport.ts';

/** Number of single items, spread over a batch, to try before concluding that a destination refuses everything. */
const PROBES = 8;

export interface RefusedItem<T> {
  readonly item: T;
  readonly status: number;
  readonly message?: string | undefined;
}

/** Result of sending; `accepted + rejected + refused.length + remaining.length` is the number of items. */
export interface BatchResult<T> {
  readonly accepted: number;
  /** Items that the server received and dropped (partial success); it does not say which ones. */
  readonly rejected: number;
  readonly refused: readonly RefusedItem<T>[];
  /** Items without an answer, in order; to be sent again later. Empty when the state is `ok`. */
  readonly remaining: readonly T[];
  /** `undecided`: `held` was the only item to try, and it was refused. */
  readonly state: 'ok' | 'blocked' | 'undecided' | 'retry_exhausted' | 'aborted';
  readonly reason?: string | undefined;
  /**
   * The one item that was refused while nothing was accepted, so that either it or the destination may be at fault. It
   * is among `remaining`; sending it again together with another item shows which.
   */
  readonly held?: RefusedItem<T> | undefined;
  /** Messages that came with a partial or full success. */
  readonly messages: readonly string[];
}

export interface BatchSenderOptions<T> {
  readonly encoder: Encoder<T>;
  readonly transport: Transport;
  /** For each request, in milliseconds. */
  readonly deadlineMillis: number;
  /** No further request is started once it is aborted. */
  readonly signal?: AbortSignal | undefined;
}

export interface BatchSender<T> {
  /** Sends items in as many requests as the encoder needs, one after the other. */
  send(items: readonly T[]): Promise<BatchResult<T>>;
}

/**
 * Sends items so that one refused item costs only that item: a refused request is halved until each culprit is alone.
 * If both halves are refused with the same status, single items spread over the batch are tried; if these are all
 * refused with it too, the destination is at fault and no item counts as refused. Nor does an item count while the
 * destination has accepted no other of the batch: one refused alone waits until another is accepted (adr/0006). A
 * sender sends one batch at a time; create several for parallel requests.
 */
export function createBatchSender<T>(options: BatchSenderOptions<T>): BatchSender<T> {
  return { send: (items) => new Sending(options, items).run() };
}

/**
 * Whether an item that was refused alone, with none after it to compare with, is itself at fault: its status blames the
 * request, and the destination has accepted others in this run.
 */
export function isOwnFault({ status }: RefusedItem<unknown>, takenInRun: number): boolean {
  return status < 500 && takenInRun > 0;
}

class Sending<T> {
  readonly #options: BatchSenderOptions<T>;
  readonly #items: readonly T[];
  readonly #settled = new Set<T>();
  readonly #refused: RefusedItem<T>[] = [];
  /** Items refused alone while nothing was accepted. */
  #suspects: RefusedItem<T>[] = [];
  readonly #messages: string[] = [];
  #accepted = 0;
  #rejected = 0;
  #state: BatchResult<T>['state'] = 'ok';
  #reason: string | undefined;

  constructor(options: BatchSenderOptions<T>, items: readonly T[]) {
    this.#options = options;
    this.#items = items;
  }

  async run(): Promise<BatchResult<T>> {
    let from = 0;
    while (from < this.#items.length && this.#state === 'ok') {
      const to = this.#encode(this.#items, from);
      await this.#deliver(this.#items.slice(from, to));
      from = to;
    }
    if (this.#state === 'ok') this.#judge();
    return {
      accepted: this.#accepted,
      rejected: this.#rejected,
      refused: this.#refused,
      remaining: this.#state === 'ok' ? [] : this.#unsettled(this.#items),
      state: this.#state,
      reason: this.#reason,
      ...(this.#state === 'undecided' ? { held: this.#suspects[0] } : {}),
      messages: this.#messages,
    };
  }

  get #taken(): number {
    return this.#accepted + this.#rejected;
  }

  /** Fills the encoder from index `from` and returns the index after the last item that fits. */
  #encode(items: readonly T[], from: number): number {
    const { encoder } = this.#options;
    encoder.reset();
    let to = from;
    while (to < items.length && encoder.tryAppend(items[to]!)) to++;
    return to;
  }

  #unsettled(items: readonly T[]): T[] {
    return items.filter((item) => !this.#settled.has(item));
  }

  /** Sends what is in the encoder, then parts of `batch` until every item is settled or the state changes. */
  async #deliver(batch: readonly T[]): Promise<void> {
    const statuses: number[] = [];
    const before = this.#taken;
    const parts: (readonly T[])[] = [batch];
    for (let part = parts.shift(); part && this.#state === 'ok'; part = parts.shift()) {
      const open = this.#unsettled(part);
      if (open.length === 0) continue;
      if (part !== batch) this.#encode(open, 0);
      const outcome = await this.#post(open);
      if (outcome?.type !== 'refused') continue;
      statuses.push(outcome.status);
      if (open.length > 1) parts.push(...halves(open));
      const alike = statuses.length === 3 && statuses[1] === statuses[2];
      if (alike && this.#taken === before) await this.#probe(batch, outcome);
      const [only] = open;
      if (open.length === 1 && this.#state === 'ok' && !this.#settled.has(only!))
        this.#suspect(only!, outcome);
    }
  }

  /** A refusal of one item is its own fault if the destination accepts others. */
  #suspect(item: T, { status, message }: Refusal): void {
    const refusal = { item, status, message };
    if (this.#taken > 0) this.#refuse(refusal);
    else this.#suspects.push(refusal);
    if (this.#suspects.length >= PROBES) this.#judge();
  }

  /** Draws the conclusion when nothing was accepted: different statuses mean that the items are at fault. */
  #judge(): void {
    const [first, ...others] = this.#suspects;
    if (first === undefined) return;
    if (others.some(({ status }) => status !== first.status)) this.#refuseSuspects();
    else if (others.length > 0) this.#stop('blocked', everythingRefused(first));
    else this.#stop('undecided', onlyOneRefused(first));
  }

  #refuseSuspects(): void {
    for (const suspect of this.#suspects) this.#refuse(suspect);
    this.#suspects = [];
  }

  /** Finds out whether a destination that refused a batch and both its halves refuses everything. */
  async #probe(batch: readonly T[], last: Refusal): Promise<void> {
    for (const item of spread(batch)) {
      this.#encode([item], 0);
      const outcome = await this.#post([item]);
      // Any other outcome shows that the refusals depend on the item; further halving finds the culprits.
      if (outcome?.type !== 'refused' || outcome.status !== last.status) return;
    }
    this.#stop('blocked', everythingRefused(last));
  }

  /** Posts what is in the encoder; undefined when that ended the sending. */
  async #post(items: readonly T[]): Promise<Answered | undefined> {
    const { encoder, transport, deadlineMillis, signal } = this.#options;
    if (signal?.aborted) {
      this.#stop('aborted', 'interrupted');
      return undefined;
    }
    const outcome = await transport.post(encoder.finish(), deadlineMillis);
    switch (outcome.type) {
      case 'accepted':
        this.#accept(items, outcome);
        return outcome;
      case 'refused':
        return outcome;
      case 'blocked':
        this.#stop('blocked', outcome.reason);
        return undefined;
      default:
        this.#stop(signal?.aborted ? 'aborted' : 'retry_exhausted', outcome.reason);
        return undefined;
    }
  }

  #accept(items: readonly T[], outcome: Extract<Outcome, { type: 'accepted' }>): void {
    const rejected = Math.min(items.length, outcome.rejected);
    this.#rejected += rejected;
    this.#accepted += items.length - rejected;
    if (outcome.message !== undefined) this.#messages.push(outcome.message);
    for (const item of items) this.#settled.add(item);
    this.#refuseSuspects();
  }

  #refuse(refusal: RefusedItem<T>): void {
    this.#settled.add(refusal.item);
    this.#refused.push(refusal);
  }

  #stop(state: BatchResult<T>['state'], reason: string): void {
    this.#state = state;
    this.#reason = reason;
  }
}

type Refusal = Extract<Outcome, { type: 'refused' }>;
type Answered = Extract<Outcome, { type: 'accepted' | 'refused' }>;

function everythingRefused({ status, message }: Omit<Refusal, 'type'>): string {
  return `HTTP ${status} for everything that is sent${said(message)}`;
}

function onlyOneRefused({ status, message }: Omit<Refusal, 'type'>): string {
  return `HTTP ${status} for the only item that was sent${said(message)}; whether the item or the destination is at fault will show when there is another item to send`;
}

function said(message: string | undefined): string {
  return message === undefined ? '' : ` (the server says: ${message})`;
}

function halves<T>(part: readonly T[]): [readonly T[], readonly T[]] {
  const middle = Math.ceil(part.length / 2);
  return [part.slice(0, middle), part.slice(middle)];
}

/** At most {@link PROBES} items at even distances, including the first and the last. */
function spread<T>(items: readonly T[]): T[] {
  const count = Math.min(PROBES, items.length);
  return Array.from(
    { length: count },
    (_, i) => items[Math.floor((i * (items.length - 1)) / Math.max(1, count - 1))]!,
  );
}
