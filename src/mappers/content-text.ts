import type { ContentName } from '../session/event.ts';
import type { Content, Operation } from '../session/operation.ts';
import type { AttributeRow, MappingContext } from './attribute-table.ts';

/** The first of the texts named `names` that was recorded for the operation. */
export function contentOf(operation: Operation, ...names: ContentName[]): Content | undefined {
  for (const name of names) {
    const found = operation.contents.find((content) => content.name === name);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The text of a prompt, a response or a decision. */
export const textOf = (operation: Operation) => contentOf(operation, 'text', 'input', 'output');
/** What a call or a retrieval was given, and what it returned or why it failed. */
export const inputOf = (call: Operation) => contentOf(call, 'input');
export const outputOf = (call: Operation) => contentOf(call, 'output', 'error');

/** The text as far as the policy allows: undefined under `none`, even if the operation still holds it. */
export function shownText(
  content: Pick<Content, 'text'> | undefined,
  { options }: MappingContext,
): string | undefined {
  return options.content === 'none' ? undefined : content?.text;
}

/** What stands in for a text; without a commitment if there are several texts. */
type Withheld = Pick<Content, 'text' | 'size'> & { readonly commitment: string | undefined };

/** Rows that stand in for a text that is not sent: its size and its commitment. */
export function withheldRows<Source>(
  name: string,
  what: string,
  pick: (source: Source) => Withheld | undefined,
): AttributeRow<Source>[] {
  const withheld = (source: Source, context: MappingContext): Withheld | undefined => {
    const content = pick(source);
    return shownText(content, context) === undefined ? content : undefined;
  };
  return [
    {
      key: `agent_strace.${name}.size`,
      type: 'int',
      doc: `UTF-8 bytes of ${what}; only if the text itself is not sent.`,
      from: (source, context) => withheld(source, context)?.size,
    },
    {
      key: `agent_strace.${name}.commitment`,
      type: 'string',
      doc: `Salted commitment to ${what}, 64 hex digits; only if the text itself is not sent.`,
      from: (source, context) => withheld(source, context)?.commitment,
    },
  ];
}

/** The parsed value of JSON text; undefined if it is not JSON. */
export function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * A recorded text as a JSON object, which tool arguments and results must be: an object stays as recorded, any other
 * JSON value goes under `value`, plain text under `text`.
 */
export function jsonObjectText(text: string, media: Content['media'] | undefined): string {
  if (media !== 'text/plain') {
    const value = parsedJson(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return text;
    if (value !== undefined && typeof value !== 'string') return `{"value":${text}}`;
    if (typeof value === 'string') return JSON.stringify({ text: value });
  }
  return JSON.stringify({ text });
}
