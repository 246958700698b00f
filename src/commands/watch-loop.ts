import { type FSWatcher, watch } from 'node:fs';
import { basename, dirname } from 'node:path';
import { type FollowedTrace, type LiveDestination } from '../delivery/live-destination.ts';
import { LiveTrace, type LiveTracePorts } from '../delivery/live-trace.ts';
import type { Profile } from '../delivery/ports.ts';
import type { TimedSpan } from '../exporters/encoder.ts';
import { redactTotals } from '../processing/structure.ts';
import type { Operation } from '../session/operation.ts';
import { createLedger } from '../store/ledger.ts';
import { lastSeqOf, type RootSession } from '../store/sessions.ts';
import { createSettled } from '../store/settled.ts';
import { activeRoots, newestSeq, rootById, unfinishedDeliveries } from '../store/live.ts';
import { segmentSpans, spanBuilderOf, type SpanSource, treatmentOf } from './export-trace.ts';
import { openTrace, processorOf } from './recorded-trace.ts';

const PAGE_EVENTS = 1000;
const SAFETY_MILLIS = 1000;
const QUIET_MILLIS = 5000;
const CONTAINER_MILLIS = 2000;
const UNBLOCK_MILLIS = 60_000;

export interface WatchingOptions {
  /** Follow this session only and stop when it has been delivered. */
  readonly only: string | undefined;
  /** Follow every session that has been active lately, not only the newest and those that begin from now on. */
  readonly all: boolean;
  readonly idleMillis: number;
  /** Spans of each trace kept in memory; the default suits everybody but tests. */
  readonly keptSpans?: number | undefined;
  readonly onOperation: (operation: Operation, trace: { readonly sessionId: string }) => void;
}

export interface WatchStatus {
  readonly sessions: number;
  readonly open: readonly { readonly kind: string }[];
  readonly destinations: readonly { readonly name: string; readonly accepted: number; readonly waiting: number; readonly failures: number; readonly blocked: string | undefined }[];
}

/** Wakes on changes of the store, advances the traces and keeps the destinations busy. */
export class Watching {
  destinations: LiveDestination[] = [];
  readonly #source: SpanSource;
  readonly #options: WatchingOptions;
  readonly #ledger;
  readonly #settled;
  readonly #traces = new Map<number, FollowedTrace>();
  #seen: number;
  #woken: (() => void) | undefined;
  #pending = false;
  #lastUnblock = 0;

  constructor(source: SpanSource, options: WatchingOptions) {
    this.#source = source;
    this.#options = options;
    this.#ledger = createLedger(source.store);
    this.#settled = createSettled(source.store);
    this.#seen = newestSeq(source.store);
  }

  /** Something may be new. */
  wake(): void {
    this.#pending = true;
    this.#woken?.();
  }

  /** Follows until the signal, or until the one session that was asked for has been delivered. */
  async untilDone(signal: AbortSignal, onTick: () => void): Promise<void> {
    for (const root of this.#initial()) this.#follow(root);
    const watcher = this.#watchStore();
    const safety = setInterval(() => this.wake(), SAFETY_MILLIS);
    signal.addEventListener('abort', () => this.wake(), { once: true });
    try {
      while (!signal.aborted) {
        this.#pending = false;
        this.#round();
        onTick();
        if (this.#options.only !== undefined && this.#traces.size > 0 && this.#delivered()) return;
        if (!this.#pending && !signal.aborted) await new Promise<void>((resolve) => (this.#woken = resolve));
        this.#woken = undefined;
      }
    } finally {
      clearInterval(safety);
      watcher?.close();
    }
  }

  /** Sends what is complete, for at most `millis`. True when nothing waits any more. */
  async flush(millis: number): Promise<boolean> {
    const end = performance.now() + millis;
    this.#round();
    while (performance.now() < end && this.destinations.some((destination) => destination.blocked === undefined && (destination.busy || destination.waiting() > 0))) {
      await new Promise((resolve) => setTimeout(resolve, 10));
      for (const destination of this.destinations) destination.pump();
    }
    return this.destinations.every((destination) => destination.waiting() === 0);
  }

  status(): WatchStatus {
    const open = [...this.#traces.values()].flatMap((trace) => (trace.live.closed ? [] : trace.live.openOperations));
    return {
      sessions: this.#traces.size,
      open,
      destinations: this.destinations.map((destination) => ({
        name: destination.name,
        accepted: destination.counts.accepted,
        waiting: destination.waiting(),
        failures: destination.counts.failures,
        blocked: destination.blocked,
      })),
    };
  }

  /** Traces that are followed, for the watchdog. */
  get traces(): ReadonlyMap<number, FollowedTrace> {
    return this.#traces;
  }

  #round(): void {
    this.#discover();
    const now = performance.now();
    for (const [root, trace] of this.#traces) {
      trace.live.advance(now);
      if (trace.live.closed && this.#options.only === undefined && this.destinations.every((destination) => destination.isDone(root))) this.#drop(root);
    }
    if (now - this.#lastUnblock > UNBLOCK_MILLIS) {
      this.#lastUnblock = now;
      for (const destination of this.destinations) destination.unblock();
    }
    for (const destination of this.destinations) destination.pump();
  }

  #initial(): RootSession[] {
    const { store } = this.#source;
    const { only, all, idleMillis } = this.#options;
    const active = activeRoots(store, (Date.now() - idleMillis) * 1000);
    if (only !== undefined) return [rootById(store, only)].filter((root) => root !== undefined);
    const resumed = this.destinations.flatMap((destination) => unfinishedDeliveries(store, destination.name));
    return [...resumed, ...(all ? active : active.slice(0, 1))];
  }

  /** Sessions that received something since the last round. */
  #discover(): void {
    const { store } = this.#source;
    const newest = newestSeq(store);
    if (newest === this.#seen) return;
    if (this.#options.only === undefined) {
      const roots = store.database.prepare<[number], number>('SELECT DISTINCT root FROM events WHERE seq > ?').pluck().all(this.#seen) as number[];
      for (const id of roots) {
        const root = rootById(store, id);
        if (root !== undefined) this.#follow(root);
      }
    }
    this.#seen = newest;
  }

  #follow(root: RootSession): void {
    if (this.#traces.has(root.id)) return;
    const profile = this.#profileOf(root);
    const live = new LiveTrace(this.#ports(root, profile), {
      root: root.id,
      rootSession: root.sessionId,
      quietMillis: QUIET_MILLIS,
      containerMillis: CONTAINER_MILLIS,
      idleMillis: this.#options.idleMillis,
      keptSpans: this.#options.keptSpans,
      onOperation: (operation) => this.#options.onOperation(operation, root),
    });
    const trace: FollowedTrace = { live, profile, replay: (segment) => this.#replay(root, segment, profile, live) };
    this.#traces.set(root.id, trace);
    for (const destination of this.destinations) destination.follow(trace);
  }

  #drop(root: number): void {
    this.#traces.delete(root);
    for (const destination of this.destinations) destination.forget(root);
  }

  #delivered(): boolean {
    return [...this.#traces.values()].every((trace) => trace.live.closed) && this.destinations.every((destination) => destination.done() || destination.blocked !== undefined);
  }

  /** The first destination's frozen profile keeps a trace what it was; later runs go on with it. */
  #profileOf(root: RootSession): Profile {
    const format = this.#source.settings.mapper.name;
    for (const destination of this.destinations) {
      const known = this.#ledger.load(destination.name, root.id, 'traces', format);
      if (known !== undefined) return known.profile;
    }
    return this.#source.settings.profile;
  }

  #ports(root: RootSession, profile: Profile): LiveTracePorts {
    const { reader, settings, store } = this.#source;
    const treatment = treatmentOf(settings, profile);
    const processor = processorOf(reader, treatment);
    return {
      read: (afterSeq) => reader.page(root.id, afterSeq, Number.MAX_SAFE_INTEGER, PAGE_EVENTS),
      openSegment: () => {
        const last = this.#ledger.segments(root.id).at(-1);
        return { n: (last?.n ?? 0) + 1, afterSeq: last?.throughSeq ?? 0 };
      },
      settledAfter: (n, ordinal) => this.#settled.after(root.id, n, ordinal),
      settledThrough: (operation) => this.#settled.throughOf(operation),
      settle: (n, operations, throughSeq) => this.#settled.add(root.id, n, operations, throughSeq),
      closeSegment: (_n, throughSeq) => void this.#ledger.addSegment(root.id, throughSeq),
      process: (operation) => processor.process(operation),
      totals: (totals) => redactTotals(totals, settings.redactor),
      spans: (n) => spanBuilderOf(settings.mapper, openTrace(store, reader, root, treatment), n, profile),
    };
  }

  /** Closed segments whole; of the open one what has been settled so far. */
  *#replay(root: RootSession, n: number, profile: Profile, live: LiveTrace): Generator<TimedSpan> {
    const known = this.#ledger.segments(root.id);
    const closed = known.find((segment) => segment.n === n);
    if (closed !== undefined) {
      yield* segmentSpans(this.#source, root, closed, profile, true);
      return;
    }
    const newest = lastSeqOf(this.#source.store, root.id);
    const open = { n, afterSeq: known.at(-1)?.throughSeq ?? 0, throughSeq: newest, factsThrough: newest };
    let left = live.spanCount;
    for (const span of segmentSpans(this.#source, root, open, profile, true)) {
      if (left-- <= 0) return;
      yield span;
    }
  }

  /** The write-ahead log changes with every commit of any process. */
  #watchStore(): FSWatcher | undefined {
    const { path } = this.#source.store;
    const name = basename(path);
    try {
      return watch(dirname(path), (_type, changed) => {
        if (changed === null || changed.startsWith(name)) this.wake();
      });
    } catch {
      return undefined;
    }
  }
}
