import type { Operation, OperationError } from '../session/operation.ts';
import type { ContentPolicy } from '../session/run-choices.ts';
import type { SessionTotals } from '../session/session.ts';

/** The members below, writable for processing; everybody else sees them as read-only. */
interface Writable {
  description?: string | undefined;
  reason?: string | undefined;
  choice?: string | undefined;
  alternatives?: readonly string[] | undefined;
  error?: OperationError | undefined;
}

/**
 * Removes, in place, texts by people or models that are not contents: descriptions of calls and tasks, reasons for
 * permissions and denials, choices, error messages. For `--content none`.
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

/** The title as far as the policy allows: agents make it from prompts. */
export function titleUnder(
  policy: ContentPolicy,
  { title }: Pick<SessionTotals, 'title'>,
): string | undefined {
  return policy === 'none' ? undefined : title;
}
