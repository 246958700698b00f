import type { SessionTotals } from '../../session/session.ts';
import type { RecordedTrace } from '../export/recorded-trace.ts';

const INDENT = 2;
/** Grows when a member is renamed, removed or changes its meaning (docs/json-output.md). */
const FORM = 1;

/**
 * A session as one JSON document, operation by operation: what the content policy lets through of all that is known. The
 * totals stand before the operations they sum up, so they are given.
 */
export function* sessionDocument(trace: RecordedTrace, totals: SessionTotals): Generator<string> {
  yield `{\n  "form": ${FORM},\n  "head": ${json(trace.head, 1)},\n  "totals": ${json(totals, 1)},\n  "operations": [`;
  let count = 0;
  for (const operation of trace.operations()) {
    yield `${count === 0 ? '' : ','}\n    ${json(operation, 2)}`;
    count++;
  }
  yield count === 0 ? ']\n}\n' : '\n  ]\n}\n';
}

/** Line breaks in JSON text are those of the layout: inside strings they are escaped. */
function json(value: object, depth: number): string {
  return JSON.stringify(value, null, INDENT).replaceAll('\n', `\n${' '.repeat(INDENT * depth)}`);
}
