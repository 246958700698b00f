import {
  type Capture,
  type EventKind,
  type OperationKind,
  operationKindOf,
  type SessionEvent,
} from './event.ts';
import { gatherFacts, textFact } from './fold/facts.ts';
import { FOLDS } from './fold/registry.ts';
import { operationIdOf, subagentKey } from './identifiers.ts';
import type { Operation } from './operation.ts';
import { createSessionFacts, type SessionFacts } from './session-facts.ts';

interface Builder {
  readonly id: string;
  kind: OperationKind | undefined;
  index: number;
  /** Type of the subagent in whose lane it began, as far as it was known then. */
  laneName: string | undefined;
  events: SessionEvent[];
  /** The newest thing inside a container. */
  lastChild: SessionEvent | undefined;
  /** No fact after this sequence number belongs to the operation. */
  throughSeq: number;
  lastAtMicros: number;
  /** The newest fact that counts for it, its own or of something inside a container. */
  lastSeq: number;
}

/** An operation that may still receive facts; whoever owns the clock decides when to settle it. */
export interface OpenOperation {
  readonly operationId: string;
  readonly kind: OperationKind;
  readonly lane: string;
  /** Of a tool call or subagent, as recorded; not redacted. */
  readonly name: string | undefined;
  readonly startedAtMicros: number;
  readonly lastAtMicros: number;
  readonly lastSeq: number;
  /** Captures that stated its result. */
  readonly resultsFrom: readonly Capture[];
  /** Its end is among the facts: a result, a stop reason, a turn end. */
  readonly complete: boolean;
  /** Its recording writes a line that ends it, which is not there yet. */
  readonly awaited: boolean;
}

export interface AssemblerOptions {
  readonly rootSession: string;
  /** Position through which an operation was settled before its first sending; later facts are late. */
  readonly settledThrough?: ((operationId: string) => number | undefined) | undefined;
}

/** Sequence number of the last fact of an operation. */
export interface OperationEnd {
  readonly lastSeq: number;
}

/** While a session is being recorded, any operation may receive further facts. */
const UNENDING: OperationEnd = { lastSeq: Number.POSITIVE_INFINITY };

export interface Assembler {
  /**
   * Takes the next fact in store order. `position` tells the sequence number of the last fact of its operation, and is
   * asked only where an operation begins; absent when following live. Operations whose last fact this was are returned,
   * children first.
   */
  accept(event: SessionEvent, position?: OperationEnd): readonly Operation[];
  open(): OpenOperation[];
  /**
   * Folds what is known of an open operation and forgets it; whoever settles remembers the position, so that
   * `settledThrough` makes later facts late. Undefined when it is not open.
   */
  settle(operationId: string): Operation | undefined;
  /** Whether facts after the position count for an open operation already. */
  goesBeyond(operationId: string, seq: number): boolean;
  /** What the events so far say of the session; the assembler goes on. */
  session(): SessionFacts;
  /** Folds everything still open, oldest first. */
  end(): { unfinished: Operation[]; session: SessionFacts };
}

const COMPLETING: ReadonlySet<EventKind> = new Set(['tool_result', 'turn_end', 'subagent_end']);
const CONTAINERS: ReadonlySet<OperationKind> = new Set(['turn', 'subagent']);

/** The one place that folds facts into operations. Memory holds open operations only. */
export function createAssembler(options: AssemblerOptions): Assembler {
  const builders = new Map<string, Builder>();
  const laneOperations = new Map<string, string>();
  const laneNames = new Map<string, string>();
  const turnsPerLane = new Map<string, number>();
  const session = createSessionFacts(options.rootSession);

  function builderOf(id: string): Builder {
    const known = builders.get(id);
    if (known !== undefined) return known;
    const settled = options.settledThrough?.(id) ?? Number.POSITIVE_INFINITY;
    const fresh: Builder = {
      id,
      kind: undefined,
      index: 0,
      laneName: undefined,
      events: [],
      lastChild: undefined,
      throughSeq: settled,
      lastAtMicros: 0,
      lastSeq: 0,
    };
    builders.set(id, fresh);
    return fresh;
  }

  function nameLane(event: SessionEvent): void {
    const type = textFact(event.facts, 'agent_type');
    const key = laneOf(event);
    if (type !== undefined && !laneNames.has(key)) laneNames.set(key, type);
  }

  function laneOperation(event: SessionEvent): string {
    const key = laneOf(event);
    const known = laneOperations.get(key);
    if (known !== undefined) return known;
    const id = operationIdOf(event.session, subagentKey(event.lane));
    laneOperations.set(key, id);
    return id;
  }

  /** A container ends with the last thing inside it. Its own fact may come later than its children. */
  function touch(id: string, event: SessionEvent): Builder | undefined {
    const builder = builderOf(id);
    if (event.seq > builder.throughSeq && builder.throughSeq !== Number.POSITIVE_INFINITY)
      return builder;
    builder.lastSeq = event.seq;
    const last = builder.lastChild;
    if (
      last === undefined ||
      event.atMicros > last.atMicros ||
      (event.atMicros === last.atMicros && event.eventId > last.eventId)
    ) {
      builder.lastChild = event;
    }
    if (event.atMicros > builder.lastAtMicros) builder.lastAtMicros = event.atMicros;
    return builder;
  }

  function fold(builder: Builder): Operation {
    builders.delete(builder.id);
    const { id, index, events, lastChild } = builder;
    const known = gatherFacts(id, index, events, lastChild);
    const folded = FOLDS[builder.kind as Exclude<OperationKind, 'session'>](known);
    if (builder.laneName !== undefined) folded.laneName = builder.laneName;
    session.ended(folded);
    return folded;
  }

  function emitIfDone(builder: Builder | undefined, seq: number, out: Operation[]): void {
    if (isDone(builder, seq) && builders.has(builder.id)) out.push(fold(builder));
  }

  return {
    accept(event, position = UNENDING) {
      const kind = operationKindOf(event.kind);
      if (kind === 'session') {
        session.fact(event);
        return NONE;
      }
      const builder = builderOf(event.operationId);
      if (event.seq > builder.throughSeq) {
        session.late();
        // Settled before this fact: what is known of it is all that will ever count.
        if (builder.kind !== undefined) return [fold(builder)];
        builders.delete(builder.id);
        return NONE;
      }
      session.saw(event);
      if (builder.kind === undefined) {
        builder.kind = kind;
        if (event.lane !== '') builder.laneName = laneNames.get(laneOf(event));
        builder.throughSeq = Math.min(builder.throughSeq, position.lastSeq);
        if (kind === 'turn') {
          const lane = laneOf(event);
          builder.index = (turnsPerLane.get(lane) ?? 0) + 1;
          turnsPerLane.set(lane, builder.index);
        }
      }
      if (kind === 'subagent') nameLane(event);
      builder.events.push(event);
      builder.lastSeq = event.seq;
      if (event.atMicros > builder.lastAtMicros) builder.lastAtMicros = event.atMicros;
      const parent = event.parentOperationId;
      // Only turns gather times from children by parent; a subagent gathers them from its lane.
      const turn = parent === undefined || CONTAINERS.has(kind) ? undefined : touch(parent, event);
      const subagent =
        event.lane === '' || kind === 'subagent' ? undefined : touch(laneOperation(event), event);
      if (!isDone(builder, event.seq) && !isDone(turn, event.seq) && !isDone(subagent, event.seq))
        return NONE;
      const out: Operation[] = [];
      emitIfDone(builder, event.seq, out);
      emitIfDone(turn, event.seq, out);
      if (subagent !== turn) emitIfDone(subagent, event.seq, out);
      return out;
    },
    open() {
      const open: OpenOperation[] = [];
      for (const builder of builders.values()) {
        const last = builder.events.at(-1);
        if (builder.kind === undefined || last === undefined) continue;
        open.push({
          operationId: builder.id,
          kind: builder.kind,
          lane: last.lane,
          name: nameOf(builder),
          startedAtMicros: builder.events[0]!.atMicros,
          lastAtMicros: builder.lastAtMicros,
          lastSeq: last.seq,
          resultsFrom: builder.events
            .filter((event) => COMPLETING.has(event.kind))
            .map((event) => event.capture),
          complete: isComplete(builder),
          awaited: isAwaited(builder),
        });
      }
      return open;
    },
    settle(operationId) {
      const builder = builders.get(operationId);
      return builder === undefined || builder.kind === undefined ? undefined : fold(builder);
    },
    goesBeyond: (operationId, seq) => (builders.get(operationId)?.lastSeq ?? 0) > seq,
    session: () => session.result(),
    end() {
      const rest = [...builders.values()].filter((builder) => builder.kind !== undefined);
      rest.sort((a, b) => a.events[0]!.seq - b.events[0]!.seq);
      const unfinished = rest.map(fold);
      builders.clear();
      return { unfinished, session: session.result() };
    },
  };
}

const NONE: readonly Operation[] = [];

function laneOf({ session, lane }: SessionEvent): string {
  return `${session}\n${lane}`;
}

/** Its own fact has come, and the last fact that belongs to it. */
function isDone(builder: Builder | undefined, seq: number): builder is Builder {
  return builder !== undefined && builder.kind !== undefined && seq >= builder.throughSeq;
}

function nameOf({ kind, events }: Builder): string | undefined {
  const fact = kind === 'tool_call' ? 'name' : kind === 'subagent' ? 'agent_type' : undefined;
  if (fact === undefined) return undefined;
  for (const event of events) {
    const name = textFact(event.facts, fact);
    if (name !== undefined) return name;
  }
  return undefined;
}

/** What was stated before its count came is told again, as a later revision. */
function isAwaited({ events }: Builder): boolean {
  let follows = false;
  for (const { facts } of events) {
    if (facts['usage_follows'] === true) follows = true;
    if (typeof facts['revision'] === 'number') return false;
  }
  return follows;
}

/** What happened at one moment is complete at once; calls need their result or stop reason. */
function isComplete(builder: Builder): boolean {
  switch (builder.kind) {
    case 'llm_call':
      return builder.events.some(
        (event) =>
          textFact(event.facts, 'stop_reason') !== undefined ||
          event.facts['error_type'] !== undefined,
      );
    case 'tool_call':
      return builder.events.some(
        ({ kind, facts }) => COMPLETING.has(kind) && facts['output_follows'] !== true,
      );
    case 'turn':
    case 'subagent':
      return builder.events.some((event) => COMPLETING.has(event.kind));
    default:
      return true;
  }
}
