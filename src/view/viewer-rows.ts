import type { Content, Message, Operation } from '../session/operation.ts';
import { attributesOf } from './operation-attributes.ts';
import { fromFolder, markOf, nameOf, summaryOf } from './operation-label.ts';
import { oneLine, printable, printableLines } from './terminal-text.ts';
import type { ViewerDetails, ViewerRow, ViewerText } from './viewer-data.ts';

const LONGEST_ABOUT = 160;

/** The part of an operation that the page holds in memory. */
export function viewerRow(
  operation: Operation,
  { startMicros, folder }: { readonly startMicros: number; readonly folder: string | undefined },
): ViewerRow {
  const mark = markOf(operation);
  const usage = operation.kind === 'llm_call' ? operation.usage : undefined;
  return {
    id: operation.id,
    parent: operation.parentId,
    kind: operation.kind,
    start: operation.startMicros - startMicros,
    duration: operation.endMicros - operation.startMicros,
    mark: mark === 'ok' ? undefined : mark,
    name: printable(nameOf(operation)),
    about: oneLine(fromFolder(summaryOf(operation), folder).slice(0, LONGEST_ABOUT)) || undefined,
    input: usage?.input,
    cached: usage?.cacheRead,
    output: usage?.output,
    cost: operation.kind === 'llm_call' ? operation.cost?.usd : undefined,
  };
}

function cutText(text: string, limit: number): Pick<ViewerText, 'text' | 'cut'> {
  const shown = printableLines(text.slice(0, limit));
  return text.length > limit ? { text: shown, cut: text.length - limit } : { text: shown };
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

function messageTexts(
  direction: string,
  messages: readonly Message[],
  limit: number,
): ViewerText[] {
  return messages.flatMap((message) =>
    message.parts.map((part) => ({
      name: printable(
        [direction, message.role, part.type.replaceAll('_', ' '), part.toolName]
          .filter(Boolean)
          .join(' · '),
      ),
      json: part.media === 'application/json' || undefined,
      ...cutText(part.text ?? '', limit),
    })),
  );
}

/** Attributes and texts of an operation; no text has more than `limit` characters, all of them no more than four times that. */
export function viewerDetails(operation: Operation, limit: number): ViewerDetails {
  const texts = operation.contents.map((content) => contentText(content, limit));
  if (operation.kind === 'llm_call') {
    texts.push(...messageTexts('in', operation.inputMessages ?? [], limit));
    texts.push(...messageTexts('out', operation.outputMessages ?? [], limit));
  }
  let left = limit * 4;
  const bounded = texts.map((one) => {
    const text = one.text?.slice(0, left);
    const cut = (one.cut ?? 0) + (one.text?.length ?? 0) - (text?.length ?? 0);
    left -= text?.length ?? 0;
    return { ...one, text, cut: cut > 0 ? cut : undefined };
  });
  return { attributes: attributesOf(operation), texts: bounded };
}
