import type { Operation, OperationError } from '../session/operation.ts';

const MAX_CHARACTERS = 500;
const MAX_LINES = 3;

/**
 * Gives a failed operation without a recorded message the first lines of its text, so that a trace shows why. Called
 * only if the content policy allows texts; the message is redacted afterwards.
 */
export function describeError(operation: Operation): void {
  if (
    !('error' in operation) ||
    operation.error === undefined ||
    operation.error.message !== undefined
  )
    return;
  const source =
    operation.contents.find((content) => content.name === 'error') ??
    operation.contents.find((content) => content.name === 'output');
  const message = firstLines(source?.text);
  if (message === '') return;
  (operation as { error: OperationError }).error = { type: operation.error.type, message };
}

function firstLines(text: string | undefined): string {
  if (text === undefined) return '';
  const lines = text.slice(0, MAX_CHARACTERS * 2).split('\n', MAX_LINES + 1);
  const cut = lines.slice(0, MAX_LINES).join('\n').trim();
  return cut.length <= MAX_CHARACTERS ? cut : `${cut.slice(0, MAX_CHARACTERS)}…`;
}
