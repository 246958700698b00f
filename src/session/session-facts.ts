import type { FactValue, SessionEvent } from './event.ts';
import type { Operation } from './operation.ts';
import { RunCosts } from './run-costs.ts';

/** What the events of a trace say about the session as a whole. */
export interface SessionFacts {
  /** Merged facts of `session_start`, `session_info` and `session_end`; the last by time wins, but costs by run add up. */
  readonly facts: { readonly [name: string]: FactValue };
  readonly startMicros: number;
  readonly endMicros: number;
  readonly eventCount: number;
  readonly lateFacts: number;
  /** Time of the recorded end, when nothing came after it. */
  readonly closedAtMicros: number | undefined;
  /** The turn of the main agent that ended last. */
  readonly lastTurn:
    | {
        readonly outcome: 'completed' | 'interrupted' | 'error' | 'unknown';
        readonly startMicros: number;
      }
    | undefined;
  /** Calls of the main agent without a recorded end that belong to the last turn. */
  readonly openCalls: number;
}

export interface SessionFactsCollector {
  fact(event: SessionEvent): void;
  saw(event: SessionEvent): void;
  late(): void;
  ended(operation: Operation): void;
  result(): SessionFacts;
}

interface Ranked {
  value: FactValue;
  atMicros: number;
  eventId: string;
}

/** Order-free: the same events in any order give the same facts. */
export function createSessionFacts(rootSession: string): SessionFactsCollector {
  const ranked = new Map<string, Ranked>();
  const costs = new RunCosts();
  let startMicros = Number.POSITIVE_INFINITY;
  let endMicros = Number.NEGATIVE_INFINITY;
  let eventCount = 0;
  let lateFacts = 0;
  let closedAt: number | undefined;
  let lastTurn: SessionFacts['lastTurn'];
  let openStarts: number[] = [];

  function saw(event: SessionEvent): void {
    eventCount++;
    if (event.atMicros < startMicros) startMicros = event.atMicros;
    if (event.atMicros > endMicros) endMicros = event.atMicros;
  }

  function addCost(run: number, usd: number): void {
    if (Number.isFinite(run) && Number.isFinite(usd)) costs.add(run, usd);
  }

  return {
    saw,
    fact(event) {
      saw(event);
      if (event.session !== rootSession) return;
      if (event.kind === 'session_end' && (closedAt === undefined || event.atMicros > closedAt))
        closedAt = event.atMicros;
      const { cost_period: run, cost_usd: usd } = event.facts;
      if (run !== undefined && usd !== undefined) addCost(Number(run), Number(usd));
      for (const [name, value] of Object.entries(event.facts)) {
        if (value === undefined) continue;
        const known = ranked.get(name);
        if (
          known === undefined ||
          event.atMicros > known.atMicros ||
          (event.atMicros === known.atMicros && event.eventId >= known.eventId)
        ) {
          ranked.set(name, { value, atMicros: event.atMicros, eventId: event.eventId });
        }
      }
    },
    late() {
      lateFacts++;
    },
    ended(operation) {
      if (operation.lane !== '') return;
      if (operation.kind === 'turn') {
        if (lastTurn === undefined || operation.startMicros >= lastTurn.startMicros) {
          lastTurn = { outcome: operation.outcome, startMicros: operation.startMicros };
        }
      } else if (
        operation.unfinished &&
        (operation.kind === 'tool_call' || operation.kind === 'llm_call')
      ) {
        // Kept small: only calls of the last turn can still be open.
        if (openStarts.length >= 1000) openStarts = openStarts.slice(500);
        openStarts.push(operation.startMicros);
      }
    },
    result() {
      const facts: Record<string, FactValue> = {};
      for (const [name, { value }] of ranked) facts[name] = value;
      const usd = costs.total();
      if (usd !== undefined) facts['cost_usd'] = String(usd);
      const turnStart = lastTurn?.startMicros ?? Number.NEGATIVE_INFINITY;
      return {
        facts,
        startMicros,
        endMicros,
        eventCount,
        lateFacts,
        closedAtMicros: closedAt !== undefined && closedAt >= endMicros ? closedAt : undefined,
        lastTurn,
        openCalls: openStarts.filter((start) => start >= turnStart).length,
      };
    },
  };
}
