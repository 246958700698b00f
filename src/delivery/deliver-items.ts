import { type BatchResult, isOwnFault } from '../exporters/bisecting.ts';
import { differences } from './differences.ts';
import type { Profile } from './ports.ts';

/** Something that is sent beside the spans of a trace: a data point, a score. */
export interface Deliverable<T> {
  /** Unique within its trace and lasting: what the destination has taken is remembered by it. */
  readonly key: string;
  /** Changes when the item has to be sent again. */
  readonly version: string;
  readonly item: T;
}

export interface TraceItems<T> {
  /** The store's number of the trace. */
  readonly root: number;
  /** Position of the newest fact the items come from. */
  readonly throughSeq: number;
  readonly items: readonly Deliverable<T>[];
}

/** What one destination has answered for of one trace: versions by key. It moves only after an answer. */
interface ItemState {
  readonly profile: Profile;
  readonly answered: Readonly<Record<string, string>>;
}

/** What item delivery needs from a store, for one destination, signal and format. */
export interface ItemLedger {
  load(root: number): ItemState | undefined;
  save(root: number, throughSeq: number, state: ItemState): void;
  refuse(root: number, refused: readonly { key: string; status: number; message: string }[]): void;
}

export interface ItemTarget<T> {
  send(items: readonly T[]): Promise<BatchResult<T>>;
  /** So many items are collected before they are sent; the ledger moves after each such chunk. */
  readonly chunkItems: number;
  /** Puts a chunk into the order in which it is encoded best. */
  readonly order?: ((items: readonly T[]) => readonly T[]) | undefined;
}

export interface ItemOptions {
  readonly force: boolean;
  /** Counts what would be sent as unsent, sends nothing. */
  readonly dryRun: boolean;
  readonly signal: AbortSignal;
}

/** What became of all items at one destination, in this run. */
export interface ItemsResult {
  /** Traces that had items to send, and those of which everything had been taken before. */
  traces: number;
  alreadyDelivered: number;
  accepted: number;
  rejected: number;
  readonly refused: { key: string; status: number; message: string }[];
  readonly messages: string[];
  /** Settings that differ from those with which earlier items were sent. */
  readonly changedSettings: Set<string>;
  /** Items without an answer; they go with the next run. */
  unsent: number;
  reason?: string | undefined;
}

interface Due<T> {
  readonly trace: TraceItems<T>;
  readonly items: readonly Deliverable<T>[];
  readonly before: ItemState['answered'];
}

/**
 * Sends the items that the destination has not taken yet. A run killed at any instant is completed by the next: only
 * the chunk whose answer was lost is sent again.
 */
export async function deliverItems<T>(
  traces: Iterable<TraceItems<T>>,
  target: ItemTarget<T>,
  ledger: ItemLedger,
  profile: Profile,
  options: ItemOptions,
): Promise<ItemsResult> {
  const result: ItemsResult = {
    traces: 0,
    alreadyDelivered: 0,
    accepted: 0,
    rejected: 0,
    refused: [],
    messages: [],
    changedSettings: new Set(),
    unsent: 0,
  };
  let chunk: Due<T>[] = [];
  let size = 0;
  /** The answer to what the chunk begins with: it was refused alone and goes again with what follows. */
  let undecided: BatchResult<T> | undefined;

  async function flush(): Promise<void> {
    const sent = chunk;
    chunk = [];
    size = 0;
    undecided = undefined;
    if (sent.length === 0) return;
    if (result.reason === undefined && options.signal.aborted) result.reason = 'stopped';
    if (result.reason !== undefined || options.dryRun) {
      result.unsent += sent.reduce((count, { items }) => count + items.length, 0);
      return;
    }
    const items = sent.flatMap((due) => due.items.map(({ item }) => item));
    const answer = await target.send(target.order?.(items) ?? items);
    undecided = answer.held === undefined ? undefined : answer;
    if (undecided === undefined) note(sent, answer, ledger, profile, result);
    else chunk = sent;
  }

  /** Decides about an item after which no other came that could have told whose fault its refusal was. */
  async function close(): Promise<void> {
    if (size > 0) await flush();
    if (undecided?.held === undefined) return;
    const own = isOwnFault(undecided.held, result.accepted + result.rejected);
    const refused = {
      ...undecided,
      refused: [undecided.held],
      remaining: [],
      state: 'ok',
    } as const;
    note(chunk, own ? refused : undecided, ledger, profile, result);
  }

  for (const trace of traces) {
    const known = ledger.load(trace.root);
    const before = known?.answered ?? {};
    const items = options.force
      ? trace.items
      : trace.items.filter(({ key, version }) => before[key] !== version);
    if (items.length === 0) {
      if (trace.items.length > 0) result.alreadyDelivered++;
      for (const name of known === undefined ? [] : differences(known.profile, profile))
        result.changedSettings.add(name);
      continue;
    }
    result.traces++;
    chunk.push({ trace, items, before });
    size += items.length;
    if (size >= target.chunkItems) await flush();
  }
  await close();
  return result;
}

/** Writes down what was answered. */
function note<T>(
  chunk: readonly Due<T>[],
  answer: BatchResult<T>,
  ledger: ItemLedger,
  profile: Profile,
  result: ItemsResult,
): void {
  const remaining = new Set(answer.remaining);
  const refusals = new Map(answer.refused.map((refusal) => [refusal.item, refusal]));
  for (const { trace, items: due, before } of chunk) {
    const answered = due.filter(({ item }) => !remaining.has(item));
    if (answered.length === 0) continue;
    const versions = Object.fromEntries(answered.map(({ key, version }) => [key, version]));
    ledger.save(trace.root, trace.throughSeq, { profile, answered: { ...before, ...versions } });
    const refused = answered.flatMap(({ key, item }) => {
      const refusal = refusals.get(item);
      return refusal === undefined
        ? []
        : [{ key, status: refusal.status, message: refusal.message ?? '' }];
    });
    if (refused.length > 0) ledger.refuse(trace.root, refused);
    result.refused.push(...refused);
  }
  result.accepted += answer.accepted;
  result.rejected += answer.rejected;
  result.unsent += answer.remaining.length;
  result.messages.push(...answer.messages);
  if (answer.state !== 'ok') result.reason = answer.reason ?? answer.state;
}
