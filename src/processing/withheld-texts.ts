import type { Operation, OperationError } from '../session/operation.ts';
import type { ContentPolicy } from '../session/run-choices.ts';
import type { SessionTotals } from '../session/session.ts';

/** The members below as processing may write them; everybody else sees them read-only. */
interface Writable {
  description?: string | undefined;
  reason?: string | undefined;
  choice?: string | undefined;
  alternatives?: readonly string[] | undefined;
  error?: OperationError | undefined;
}

/**
 * Takes away, in place, what people or models wrote that stands beside the contents: what a call or a task was described
 * as, why something was permitted or not, what was chosen, what an error said. For `--content none`.
 */
export function withholdTexts(operation: Operation): void {
  const writable = operation as Writable;
  switch (operation.kind) {
    case 'tool_call':
    case 'subagent':
      writable.description = undefined;
      break;
    case 'permission':
      writable.reason = undefined;
      break;
    case 'decision':
      writable.choice = undefined;
      writable.alternatives = undefined;
      break;
  }
  const { error } = writable;
  if (error?.message !== undefined) writable.error = { type: error.type };
}

/** The title as the policy lets it through: agents make it from prompts. */
export function titleUnder(
  policy: ContentPolicy,
  { title }: Pick<SessionTotals, 'title'>,
): string | undefined {
  return policy === 'none' ? undefined : title;
}
