import { AgentStraceError } from '../../errors.ts';
import { type Score, scoreIdOf } from '../../metrics/scores.ts';
import { type Annotation, isOperationOf } from '../../store/annotations.ts';
import type { Store } from '../../store/open-store.ts';
import { findSession } from '../../store/sessions.ts';

/**
 * Finds the session of a score and replaces the id by the root session's: it may have been given as a subagent's id
 * or the beginning of an id. Throws `not_found` or `ambiguous`, also for an unknown operation.
 */
export function placeScore(store: Store, score: Score, atMicros: number): Annotation {
  const root = findSession(store, score.sessionId);
  const { operationId } = score;
  if (operationId !== undefined && !isOperationOf(store, root.id, operationId)) {
    throw new AgentStraceError(
      'not_found',
      `session ${root.sessionId} has no operation ${operationId} ("agent-strace show --json" lists them)`,
    );
  }
  const placed = { ...score, sessionId: root.sessionId };
  return { ...placed, id: scoreIdOf(placed), root: root.id, atMicros };
}
