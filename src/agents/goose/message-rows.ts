import { type JsonObject, objectOf, parsedJson, textOf } from '../json-values.ts';
import { usageOfMetadata } from './ledger.ts';

/** A row of `messages`, with the usage of the response that it belongs to. */
export interface MessageRow {
  readonly row: JsonObject;
  readonly metadata: JsonObject | undefined;
  readonly usage: JsonObject | undefined;
}

const MOST_PIECES = 100;

/**
 * Groups messages into responses: consecutive assistant messages are pieces of one response, one of which, often the
 * last, holds the usage; further usage begins a further response. Pieces after the one with the usage get none here.
 */
export function* inResponses(rows: Iterable<JsonObject>): Generator<MessageRow> {
  let waiting: MessageRow[] = [];
  for (const row of rows) {
    const metadata = objectOf(parsedJson(textOf(row.metadata_json) ?? ''));
    const usage = row.role === 'assistant' ? usageOfMetadata(metadata) : undefined;
    const piece = { row, metadata, usage };
    waiting.push(piece);
    if (row.role === 'assistant' && usage === undefined && waiting.length < MOST_PIECES) continue;
    for (const before of waiting) yield before === piece ? piece : { ...before, usage };
    waiting = [];
  }
  yield* waiting;
}
