import type { SessionHead } from '../session/session.ts';
import type { Attributes, AttributeValue, MapperOptions } from './mapper.ts';

/** What a row may look at beside its source. */
export interface MappingContext {
  readonly head: SessionHead;
  readonly options: MapperOptions;
}

/** `json` is a string that holds JSON text. */
type AttributeType = 'string' | 'int' | 'double' | 'boolean' | 'string[]' | 'json';

/** One attribute of a vocabulary: the span and its docs page both come from it. */
export interface AttributeRow<Source> {
  readonly key: string;
  readonly type: AttributeType;
  /** What the value means and when it is there, with its unit. */
  readonly doc: string;
  /** The value, or undefined where the recording does not tell: missing is missing. */
  readonly from: (source: Source, context: MappingContext) => AttributeValue | undefined;
}

/** The rows of one span or event, for the docs page. */
export interface Section {
  readonly title: string;
  readonly intro: string;
  readonly rows: readonly AttributeRow<never>[];
}

/** Writes the values that are known into `into` (a fresh object unless given) and returns it. */
export function attributesOf<Source>(
  rows: readonly AttributeRow<Source>[],
  source: Source,
  context: MappingContext,
  into: Attributes = {},
): Attributes {
  for (const row of rows) {
    const value = row.from(source, context);
    if (value !== undefined) into[row.key] = value;
  }
  return into;
}
