import type { ContentName } from '../session/event.ts';
import type { Content, Operation } from '../session/operation.ts';
import type { AttributeRow, MappingContext } from './attribute-table.ts';

/** The operation's text of the first of `names` that was recorded. */
export function contentOf(operation: Operation, ...names: ContentName[]): Content | undefined {
  for (const name of names) {
    const found = operation.contents.find((content) => content.name === name);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The text as the policy lets it through: undefined under `none`, whatever the operation still holds. */
export function shownText(
  content: Pick<Content, 'text'> | undefined,
  { options }: MappingContext,
): string | undefined {
  return options.content === 'none' ? undefined : content?.text;
}

/** What stands in for a text; no commitment where it is several. */
type Withheld = Pick<Content, 'text' | 'size'> & { readonly commitment: string | undefined };

/** Rows that stand in for a text that is not shown: its size and its commitment. */
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
      doc: `UTF-8 bytes of ${what}; only where the text itself is not sent.`,
      from: (source, context) => withheld(source, context)?.size,
    },
    {
      key: `agent_strace.${name}.commitment`,
      type: 'string',
      doc: `Salted commitment to ${what}, 64 hex digits; only where the text itself is not sent.`,
      from: (source, context) => withheld(source, context)?.commitment,
    },
  ];
}

/** The parsed value of JSON text; undefined when it is none. */
export function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * A recorded text as the JSON object that tool arguments and results have to be: an object stays as it
 * was recorded, any other JSON value is put under `value`, plain text under `text`.
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
