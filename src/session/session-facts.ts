import type { FactValue, SessionEvent } from './event.ts';
import { integerFact } from './fold/facts.ts';
import type { Operation } from './operation.ts';
import { RunCosts } from './run-costs.ts';

/** What the events of a trace say about the session as a whole. */
export interface SessionFacts {
  /** Merged facts of `session_start`, `session_info` and `session_end`; the last by time wins, then by revision; costs by run add up. */
  readonly facts: { readonly [name: string]: FactValue };
  readonly startMicros: number;
  readonly endMicros: number;
  readonly eventCount: number;
  readonly lateFacts: number;
  /** When `cost_usd` was stated, where it is a counter of what was until then. */
  readonly costAtMicros: number | undefined;
  /** When somebody stopped the agent, where its outcome says so. */
  readonly killedAtMicros: number | undefined;
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
  readonly value: FactValue;
  readonly atMicros: number;
  /** The record's own time of change, where its source rewrites it in place. */
  readonly revision: number;
  readonly eventId: string;
}

function isLater(a: Omit<Ranked, 'value'>, b: Omit<Ranked, 'value'>): boolean {
  if (a.atMicros !== b.atMicros) return a.atMicros > b.atMicros;
  if (a.revision !== b.revision) return a.revision > b.revision;
  return a.eventId >= b.eventId;
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

  function addCost(run: number, usd: number, atMicros: number): void {
    if (Number.isFinite(run) && Number.isFinite(usd)) costs.add(run, usd, atMicros);
  }

  return {
    saw,
    fact(event) {
      saw(event);
      if (event.session !== rootSession) return;
      if (event.kind === 'session_end' && (closedAt === undefined || event.atMicros > closedAt))
        closedAt = event.atMicros;
      const { cost_period: run, cost_usd: usd } = event.facts;
      if (run !== undefined && usd !== undefined) addCost(Number(run), Number(usd), event.atMicros);
      const { atMicros, eventId } = event;
      const place = { atMicros, eventId, revision: integerFact(event.facts, 'revision') ?? 0 };
      for (const [name, value] of Object.entries(event.facts)) {
        if (value === undefined) continue;
        const known = ranked.get(name);
        if (known === undefined || isLater(place, known)) ranked.set(name, { value, ...place });
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
      const outcome = ranked.get('outcome');
      const turnStart = lastTurn?.startMicros ?? Number.NEGATIVE_INFINITY;
      return {
        facts,
        startMicros,
        endMicros,
        eventCount,
        lateFacts,
        costAtMicros: costs.statedAt,
        killedAtMicros: outcome?.value === 'killed' ? outcome.atMicros : undefined,
        closedAtMicros: closedAt !== undefined && closedAt >= endMicros ? closedAt : undefined,
        lastTurn,
        openCalls: openStarts.filter((start) => start >= turnStart).length,
      };
    },
  };
}
