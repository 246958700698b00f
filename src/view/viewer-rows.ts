import type { Content, Operation } from '../session/operation.ts';
import { attributesOf } from './operation-attributes.ts';
import { fromFolder, isBlank, isInferred, markOf, nameOf, summaryOf } from './operation-label.ts';
import { beginning, oneLine, printable, printableLines } from './terminal-text.ts';
import type { ViewerDetails, ViewerQuote, ViewerRow, ViewerText } from './viewer-data.ts';

const LONGEST_ABOUT = 160;

/** The part of an operation that the page keeps in memory. */
export function viewerRow(
  operation: Operation,
  { startMicros, folder }: { readonly startMicros: number; readonly folder: string | undefined },
): ViewerRow {
  const mark = markOf(operation);
  const { usage, cost } = operation.kind === 'llm_call' ? operation : {};
  return {
    id: operation.id,
    parent: operation.parentId,
    kind: operation.kind,
    start: operation.startMicros - startMicros,
    duration: operation.endMicros - operation.startMicros,
    inferred: isInferred(operation) || undefined,
    mark: mark === 'ok' ? undefined : mark,
    blank: isBlank(operation) || undefined,
    name: printable(nameOf(operation)),
    about: oneLine(beginning(fromFolder(summaryOf(operation), folder), LONGEST_ABOUT)) || undefined,
    input: usage?.input,
    cached: usage?.cacheRead,
    output: usage?.output,
    cost: cost?.usd,
    estimated: cost?.basis === 'estimated' || undefined,
  };
}

function cutText(text: string, limit: number): Pick<ViewerText, 'text' | 'cut'> {
  const kept = beginning(text, limit);
  const shown = printableLines(kept);
  return kept === text ? { text: shown } : { text: shown, cut: text.length - kept.length };
}

function contentText(content: Content, limit: number): ViewerText {
  const { name, size, text } = content;
  if (text === undefined) return { name, size, commitment: content.commitment };
  return {
    name,
    size,
    json: content.media === 'application/json' || undefined,
    ...cutText(text, limit),
  };
}

/** The texts of an LLM call are those of other operations: prompts, tool calls and results, responses. */
function quotesOf(operation: Operation): ViewerQuote[] | undefined {
  if (operation.kind !== 'llm_call') return undefined;
  const { inputs, outputs } = operation.messageRefs;
  const quotes = [
    ...inputs.map(({ role, type, operationId }): ViewerQuote => ['in', role, type, operationId]),
    ...outputs.map(({ role, type, operationId }): ViewerQuote => ['out', role, type, operationId]),
  ];
  return quotes.length > 0 ? quotes : undefined;
}

/**
 * Attributes and texts of an operation; no text has more than `limit` characters, all together no more than four
 * times that. `session` is the id that need not be repeated.
 */
export function viewerDetails(
  operation: Operation,
  { limit, session }: { readonly limit: number; readonly session: string },
): ViewerDetails {
  let left = limit * 4;
  const texts = operation.contents.map((content) => {
    const text = contentText(content, Math.min(limit, left));
    left -= text.text?.length ?? 0;
    return text;
  });
  return { attributes: attributesOf(operation, session), texts, quotes: quotesOf(operation) };
}
