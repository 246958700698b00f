import type { SessionTotals } from '../../session/session.ts';
import type { RecordedTrace } from '../export/recorded-trace.ts';

const INDENT = 2;
/** Raised when a member is renamed, removed or changes its meaning (docs/json-output.md). */
const FORM = 1;

/**
 * A session as one JSON document, operation by operation, as far as the content policy allows. The totals precede the
 * operations they summarise, so they are passed in.
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

/** Line breaks in the JSON text belong to the layout: inside strings, they are escaped. */
function json(value: object, depth: number): string {
  return JSON.stringify(value, null, INDENT).replaceAll('\n', `\n${' '.repeat(INDENT * depth)}`);
}
