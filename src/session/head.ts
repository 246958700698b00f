import type { SessionEvent } from './event.ts';
import { textFact } from './fold/facts.ts';
import { operationIdOf, SESSION_KEY, traceIdOf } from './identifiers.ts';
import type { SessionHead } from './session.ts';

/** Used when a trace has no start of its own (a child whose parent was never recorded). */
export interface HeadFallback {
  readonly startMicros: number;
  readonly agent: string;
}

/** The head of a trace, frozen at its first event. `runId` is chosen by the user, else the session id. */
export function sessionHead(
  sessionId: string,
  start: SessionEvent | undefined,
  fallback: HeadFallback,
  runId?: string,
): SessionHead {
  const facts = start?.facts ?? {};
  const agentId = textFact(facts, 'agent') ?? (fallback.agent === '' ? 'unknown' : fallback.agent);
  return {
    sessionId,
    traceId: traceIdOf(sessionId),
    rootOperationId: start?.operationId ?? operationIdOf(sessionId, SESSION_KEY),
    agentId,
    agentName: textFact(facts, 'agent_name') ?? agentId,
    agentVersion: textFact(facts, 'agent_version'),
    startMicros: start?.atMicros ?? fallback.startMicros,
    cwd: textFact(facts, 'cwd'),
    gitBranch: textFact(facts, 'git_branch'),
    entrypoint: textFact(facts, 'entrypoint'),
    userId: textFact(facts, 'user_id'),
    parentSession: textFact(facts, 'parent_session'),
    traceparent: textFact(facts, 'traceparent'),
    runId: runId ?? textFact(facts, 'run_id') ?? sessionId,
  };
}
