import { AgentStraceError } from '../../errors.ts';
import { type Score, scoreIdOf } from '../../metrics/scores.ts';
import { type Annotation, isOperationOf } from '../../store/annotations.ts';
import type { Store } from '../../store/open-store.ts';
import { findSession } from '../../store/sessions.ts';

/**
 * Finds the session of a stated score and gives it the id that belongs to it: a score on a subagent's id or on the
 * beginning of an id is one on the root session. Throws `not_found` or `ambiguous`, for an unknown operation too.
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
