import type { FactValue } from './event.ts';
import type { Content, Cost, Operation, TokenUsage } from './operation.ts';
import { RecentCosts } from './recent-costs.ts';
import type { SessionOutcome, SessionState, SessionTotals } from './session.ts';
import type { SessionFacts } from './session-facts.ts';

/** A session without an end line counts as over when nothing came for this long. */
export const IDLE_MICROS = 30 * 60 * 1_000_000;

const MAX_MODELS = 20;
const SUMMED = [
  'input',
  'output',
  'cacheRead',
  'cacheWrite',
  'cacheWrite5m',
  'cacheWrite1h',
  'reasoning',
] as const;

export interface TotalsCollector {
  operation(operation: Operation): void;
  finish(session: SessionFacts, nowMicros: number): SessionTotals;
}

/** Sums a session while its operations pass; each API response counts once because it is one operation. */
export function createTotals(): TotalsCollector {
  const counts = {
    turns: 0,
    prompts: 0,
    responses: 0,
    llmCalls: 0,
    llmErrors: 0,
    toolCalls: 0,
    toolErrors: 0,
    denials: 0,
    interrupts: 0,
    subagents: 0,
    compactions: 0,
    silentFailures: 0,
    unfinished: 0,
  };
  const tokens: { [name in (typeof SUMMED)[number]]?: number } = {};
  const firstUse = new Map<string, number>();
  let anyUsage = false;
  let lowerBound = false;
  let recordedUsd: number | undefined;
  let estimatedUsd: number | undefined;
  const recentCosts = new RecentCosts();
  let priceTable: string | undefined;
  let unpriced = false;
  let firstPrompt: { startMicros: number; content: Content } | undefined;
  let lastResponse: { startMicros: number; content: Content } | undefined;
  let lastLlm: { startMicros: number; failed: boolean } | undefined;

  function usage(added: TokenUsage): void {
    anyUsage = true;
    if (added.basis === 'lower_bound') lowerBound = true;
    for (const name of SUMMED) {
      const value = added[name];
      if (value !== undefined) tokens[name] = (tokens[name] ?? 0) + value;
    }
  }

  function cost(added: Cost): void {
    if (added.basis === 'recorded') recordedUsd = (recordedUsd ?? 0) + added.usd;
    else {
      estimatedUsd = (estimatedUsd ?? 0) + added.usd;
      priceTable = added.priceTable;
    }
  }

  function llmCall(operation: Operation & { kind: 'llm_call' }): void {
    counts.llmCalls++;
    if (operation.error !== undefined) counts.llmErrors++;
    if (operation.usage !== undefined) usage(operation.usage);
    if (operation.cost !== undefined) {
      cost(operation.cost);
      recentCosts.add(operation.endMicros, operation.cost.usd);
    } else if (operation.usage !== undefined) unpriced = true;
    if (
      operation.lane === '' &&
      (lastLlm === undefined || operation.startMicros >= lastLlm.startMicros)
    ) {
      lastLlm = { startMicros: operation.startMicros, failed: operation.error !== undefined };
    }
    const model = operation.responseModel ?? operation.requestModel;
    if (model === undefined) return;
    const known = firstUse.get(model);
    if (known !== undefined ? operation.startMicros < known : firstUse.size < MAX_MODELS)
      firstUse.set(model, operation.startMicros);
  }

  function toolCall(operation: Operation & { kind: 'tool_call' }): void {
    if (operation.outcome === 'denied') {
      counts.denials++;
      return;
    }
    counts.toolCalls++;
    if (operation.outcome === 'error') counts.toolErrors++;
    if (operation.outcome === 'interrupted') counts.interrupts++;
    if (operation.silentFailure === true) counts.silentFailures++;
  }

  function totalCost(session: SessionFacts): Cost | undefined {
    const stated = Number(session.facts['cost_usd'] ?? Number.NaN);
    // An agent that met a model it has no price for took another one's: where every call has a price here, ours is better.
    const isGuess = session.facts['cost_incomplete'] === true;
    const isKnown = !unpriced && estimatedUsd !== undefined;
    if (Number.isFinite(stated) && !(isGuess && isKnown)) {
      const { costAtMicros } = session;
      const since = costAtMicros === undefined ? undefined : recentCosts.after(costAtMicros);
      if (since === undefined || estimatedUsd === undefined)
        return { usd: atLeast(stated, recordedUsd), basis: 'recorded' };
      return { usd: stated + since, basis: 'estimated', priceTable };
    }
    if (estimatedUsd !== undefined)
      return { usd: estimatedUsd + (recordedUsd ?? 0), basis: 'estimated', priceTable };
    return recordedUsd === undefined ? undefined : { usd: recordedUsd, basis: 'recorded' };
  }

  return {
    operation(operation) {
      if (operation.unfinished && operation.kind !== 'turn' && operation.kind !== 'subagent')
        counts.unfinished++;
      switch (operation.kind) {
        case 'llm_call':
          return llmCall(operation);
        case 'tool_call':
          return toolCall(operation);
        case 'turn':
          counts.turns++;
          return;
        case 'prompt':
          if (operation.lane === '' && operation.origin !== 'agent') {
            counts.prompts++;
            const content = operation.contents[0];
            if (
              content !== undefined &&
              (firstPrompt === undefined || operation.startMicros < firstPrompt.startMicros)
            ) {
              firstPrompt = { startMicros: operation.startMicros, content };
            }
          }
          return;
        case 'response': {
          counts.responses++;
          const content = operation.contents[0];
          if (
            operation.lane === '' &&
            content !== undefined &&
            operation.startMicros >= (lastResponse?.startMicros ?? 0)
          ) {
            lastResponse = { startMicros: operation.startMicros, content };
          }
          return;
        }
        case 'subagent':
          counts.subagents++;
          return;
        case 'compaction':
          counts.compactions++;
          return;
        default:
          return;
      }
    },
    finish(session, nowMicros) {
      const state = stateOf(session, nowMicros);
      const { reason } = session.facts;
      const outcome = outcomeOf(session, state, lastLlm?.failed === true);
      return {
        startMicros: session.startMicros,
        endMicros: Math.max(session.endMicros, session.startMicros),
        state,
        outcome,
        killReason: outcome === 'killed' ? textOf(reason) : undefined,
        title: textOf(session.facts['title']),
        agentVersion: textOf(session.facts['agent_version']),
        entrypoint: textOf(session.facts['entrypoint']),
        models: [...firstUse]
          .sort((a, b) => a[1] - b[1] || (a[0] < b[0] ? -1 : 1))
          .map(([model]) => model),
        ...counts,
        usage: usageWith(
          session,
          anyUsage ? { ...tokens, basis: lowerBound ? 'lower_bound' : 'exact' } : undefined,
        ),
        cost: totalCost(session),
        firstPrompt: firstPrompt?.content,
        lastResponse: lastResponse?.content,
        eventCount: session.eventCount,
        lateFacts: session.lateFacts,
      };
    },
  };
}

const SESSION_COUNTERS = {
  input: 'usage_input',
  output: 'usage_output',
  cacheRead: 'usage_cache_read',
  cacheWrite: 'usage_cache_write',
  reasoning: 'usage_reasoning',
} as const;

/** Some agents record tokens for the session only; per field the larger of that and the sum over calls counts. */
function usageWith(session: SessionFacts, summed: TokenUsage | undefined): TokenUsage | undefined {
  let usage: { -readonly [K in keyof TokenUsage]: TokenUsage[K] } | undefined = summed;
  for (const [field, fact] of Object.entries(SESSION_COUNTERS)) {
    const name = field as keyof typeof SESSION_COUNTERS;
    const stated = session.facts[fact];
    if (typeof stated !== 'number' || stated <= (usage?.[name] ?? -1)) continue;
    usage = { ...usage, basis: 'session_total', [name]: stated };
  }
  return usage;
}

function stateOf(session: SessionFacts, nowMicros: number): SessionState {
  if (session.closedAtMicros !== undefined || staysKilled(session)) return 'closed';
  const fresh = nowMicros - session.endMicros < IDLE_MICROS;
  const turnDone =
    session.lastTurn !== undefined &&
    session.lastTurn.outcome !== 'unknown' &&
    session.openCalls === 0;
  return fresh && !turnDone ? 'running' : 'quiet';
}

/** What an agent still says after it was told to end opens no session again; a turn that begins later does. */
function staysKilled({ killedAtMicros, lastTurn }: SessionFacts): boolean {
  return killedAtMicros !== undefined && (lastTurn?.startMicros ?? 0) <= killedAtMicros;
}

/** How the last turn ended. A killed run says so; an open end without a finished turn is unfinished. */
function outcomeOf(
  session: SessionFacts,
  state: SessionState,
  lastCallFailed: boolean,
): SessionOutcome {
  if (session.facts['outcome'] === 'killed' || session.facts['reason'] === 'killed')
    return 'killed';
  const turn = session.lastTurn?.outcome;
  if (turn === 'interrupted') return 'interrupted';
  if (turn === 'error' || lastCallFailed) return 'error';
  const stated = session.facts['outcome'];
  if (stated === 'success' || stated === 'error' || stated === 'interrupted') return stated;
  if (turn === 'completed') return 'success';
  return state === 'closed' && session.openCalls === 0 && turn === undefined
    ? 'success'
    : 'unfinished';
}

function textOf(value: FactValue | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** An agent's own total may leave out subagents, and what came after it was written; sums differ in their last digits. */
function atLeast(stated: number, ofCalls: number | undefined): number {
  return ofCalls !== undefined && ofCalls > stated * (1 + 1e-9) ? ofCalls : stated;
}
